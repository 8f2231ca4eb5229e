import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { patchKafkajs } from '../../../src/kafka/wire/index.ts'
import { loadPart } from '../../../src/kafka/wire/replacement.ts'
import { pristine } from './pristine.ts'

interface Connection {
  connect(): Promise<unknown>
  disconnect(): Promise<unknown>
  authenticate(): Promise<void>
  setVersions(versions: object): void
  setSupportAuthenticationProtocol(supported: boolean): void
  send(protocol: object): Promise<unknown>
}
type ConnectionClass = new (options: object) => Connection

patchKafkajs()
const FILE = 'network/connection.js'
const logger = { debug() {}, error() {}, warn() {}, namespace: () => logger }
const [METADATA, HANDSHAKE, AUTHENTICATE] = [3, 17, 36]
/** Milliseconds; it is renewed after 1120 of them. */
const SESSION = 1400
/** Between the handshake and its end. */
const AUTHENTICATION = 600

let server: Server | undefined
let connection: Connection | undefined
afterEach(async () => {
  await connection?.disconnect().catch(() => {})
  server?.close()
})

/** A connection to a broker that notes what is asked of it; `ready` as in `Bearer`. */
async function connected(Class: ConnectionClass, ready: () => Promise<unknown> = async () => {}) {
  const asked: number[] = []
  server = createServer((socket) => {
    let bytes = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('data', (data) => {
      bytes = Buffer.concat([bytes, data])
      for (
        ;
        bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0);
        bytes = bytes.subarray(4 + bytes.readInt32BE(0))
      ) {
        asked.push(bytes.readInt16BE(4))
        socket.write(answerTo(bytes))
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socketFactory = loadPart('network/socketFactory.js') as () => unknown
  connection = new Class({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    logger,
    socketFactory: socketFactory(),
    requestTimeout: 5000,
    connectionTimeout: 1000,
    reauthenticationThreshold: SESSION * 0.2,
    sasl: { mechanism: 'test', ready, authenticationProvider }
  })
  connection.setVersions(
    Object.fromEntries([HANDSHAKE, AUTHENTICATE].map((key) => [key, { minVersion: 0, maxVersion: 1 }]))
  )
  connection.setSupportAuthenticationProtocol(true)
  await connection.connect()
  await connection.authenticate()
  return { connection, asked }
}

const authenticationProvider = ({ saslAuthenticate }: { saslAuthenticate(call: object): Promise<unknown> }) => ({
  async authenticate() {
    await pause(AUTHENTICATION)
    await saslAuthenticate({ request: { encode: () => Buffer.from([0, 0, 0, 1, 1]) } })
  }
})

function answerTo(request: Buffer): Buffer {
  const bodies: Readonly<Record<number, number[]>> = {
    [HANDSHAKE]: [0, 0, 0, 0, 0, 1, 0, 4, ...Buffer.from('TEST')],
    [AUTHENTICATE]: [0, 0, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, SESSION >> 8, SESSION & 255]
  }
  const answer = Buffer.concat([
    Buffer.alloc(4),
    request.subarray(8, 12),
    Buffer.from(bodies[request.readInt16BE(4)] ?? [])
  ])
  answer.writeInt32BE(answer.length - 4)
  return answer
}

/** A request whose bytes take so many milliseconds to make, as those that are compressed do. */
function metadata(ms = 0) {
  const Encoder = loadPart('protocol/encoder.js') as new () => object
  const encode = async () => {
    await pause(ms)
    return new Encoder()
  }
  const response = { decode: () => ({}), parse: () => 'done' }
  return { request: { apiKey: METADATA, apiVersion: 0, apiName: 'Metadata', encode }, response }
}

test('a session is renewed before it ends, by the request that comes then, and once for many', async () => {
  const { connection, asked } = await connected(loadPart(FILE) as ConnectionClass)
  await connection.send(metadata())
  await pause(SESSION * 0.85)
  await Promise.all([connection.send(metadata()), connection.send(metadata())])
  expect(asked).toEqual([HANDSHAKE, AUTHENTICATE, METADATA, HANDSHAKE, AUTHENTICATE, METADATA, METADATA])
})

test('what was begun before is sent before; kafkajs by itself sends it between, and the broker hangs up', async () => {
  const between = async (Class: ConnectionClass) => {
    const { connection, asked } = await connected(Class)
    await pause(SESSION * 0.7)
    const early = connection.send(metadata(500))
    await pause(SESSION * 0.15)
    await Promise.all([early, connection.send(metadata())])
    return asked.slice(2)
  }
  expect(await between(loadPart(FILE) as ConnectionClass)).toEqual([METADATA, HANDSHAKE, AUTHENTICATE, METADATA])
  expect(await between(pristine(FILE) as ConnectionClass)).toEqual([HANDSHAKE, METADATA, AUTHENTICATE, METADATA])
})

test('where there is nothing to renew it with, no handshake is begun', async () => {
  let fails = false
  const ready = async () => {
    if (fails) throw new Error('no token')
  }
  const { connection, asked } = await connected(loadPart(FILE) as ConnectionClass, ready)
  await pause(SESSION * 0.85)
  fails = true
  await expect(connection.send(metadata())).rejects.toThrow('no token')
  expect(asked).toEqual([HANDSHAKE, AUTHENTICATE])
  fails = false
  expect(await connection.send(metadata())).toBe('done')
})
