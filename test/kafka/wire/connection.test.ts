import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { patchKafkajs } from '../../../src/kafka/wire/index.ts'
import { loadPart } from '../../../src/kafka/wire/replacement.ts'
import { pristine } from './pristine.ts'

interface Connection {
  connect(): Promise<unknown>
  disconnect(): Promise<unknown>
  isConnected(): boolean
  send(protocol: object): Promise<unknown>
}
type ConnectionClass = new (options: object) => Connection

patchKafkajs()
const FILE = 'network/connection.js'
const logger = { debug() {}, error() {}, warn() {}, namespace: () => logger }

let server: Server | undefined
let connection: Connection | undefined
afterEach(async () => {
  await connection?.disconnect().catch(() => {})
  server?.close()
})

/** A connection to a server that does `answer` with the requests of each connection in turn. */
async function connected(Class: ConnectionClass, answer: (socket: Socket, turn: number, request: Buffer) => void) {
  let turn = 0
  server = createServer((socket) => {
    const number = turn++
    socket.on('error', () => {})
    socket.on('data', (request) => answer(socket, number, request))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const socketFactory = loadPart('network/socketFactory.js') as () => unknown
  connection = new Class({
    host: '127.0.0.1',
    port,
    logger,
    socketFactory: socketFactory(),
    requestTimeout: 300,
    connectionTimeout: 1000
  })
  await connection.connect()
  return connection
}

/** ApiVersions, with an answer that is taken as it comes. */
function versions() {
  const request = loadPart('protocol/requests/apiVersions/v0/request.js') as () => object
  const response = { decode: (payload: Buffer) => ({ payload }), parse: ({ payload }: { payload: Buffer }) => payload }
  return { request: request(), response }
}

/** The answer to a request: its correlation id and a text. */
function answerTo(request: Buffer, text: string): Buffer {
  const answer = Buffer.alloc(8 + text.length)
  answer.writeInt32BE(4 + text.length, 0)
  request.copy(answer, 4, 8, 12)
  answer.write(text, 8)
  return answer
}

test('a connection on which a request had no answer is closed, and the next request has a new one', async () => {
  const Ours = loadPart(FILE) as ConnectionClass
  const ours = await connected(Ours, (socket, turn, request) => {
    if (turn > 0) socket.write(answerTo(request, 'at last'))
  })
  await expect(ours.send(versions())).rejects.toThrow('timed out')
  await expect.poll(() => ours.isConnected()).toBe(false)
  await ours.connect()
  expect(String(await ours.send(versions()))).toBe('at last')
})

test('half a response of a broken connection is not the beginning of the next', async () => {
  const cutOff = (socket: Socket, turn: number, request: Buffer) => {
    const answer = answerTo(request, 'a long text')
    if (turn > 0) socket.write(answer)
    else socket.end(answer.subarray(0, 10))
  }
  const ours = await connected(loadPart(FILE) as ConnectionClass, cutOff)
  await expect(ours.send(versions())).rejects.toThrow('Closed connection')
  await expect.poll(() => ours.isConnected()).toBe(false)
  await ours.connect()
  expect(String(await ours.send(versions()))).toBe('a long text')
})

test('kafkajs by itself does keep it', async () => {
  const Theirs = pristine(FILE) as ConnectionClass
  const theirs = await connected(Theirs, (socket, turn, request) => {
    const answer = answerTo(request, 'a long text')
    if (turn > 0) socket.write(answer)
    else socket.end(answer.subarray(0, 10))
  })
  await expect(theirs.send(versions())).rejects.toThrow('Closed connection')
  await expect.poll(() => theirs.isConnected()).toBe(false)
  await theirs.connect()
  await expect(theirs.send(versions())).rejects.toThrow('timed out')
})
