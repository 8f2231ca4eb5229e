import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { deserialize, serialize } from 'bson'

/** What came to the service, in order. */
export interface Call {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  readonly bytes: Buffer
}

interface Exchange {
  readonly clientFirstBare: string
  readonly serverFirst: string
}

const SALT = Buffer.from('0123456789abcdef')
const ITERATIONS = 4096

/** An HTTP service for large messages as Hopskotch has one: SCRAM-SHA-512 by RFC 7804, BSON in and out, in memory. */
export class OffloadService implements AsyncDisposable {
  /** The one that it knows. */
  credentials = { username: 'user-1234abcd', password: 'pencil', mechanism: 'SCRAM-SHA-512' }
  readonly calls: Call[] = []
  /** Documents by path of `/msg/<uuid>`. */
  readonly stored = new Map<string, Buffer>()
  /** Whether who reads must say who he is; who writes always must. */
  readersAreKnown = true
  /** Answers instead of the service where it gives true. */
  intercept: ((request: IncomingMessage, response: ServerResponse, call: Call) => boolean) | undefined
  /** A server that does not know the password. */
  impostor = false
  readonly #exchanges = new Map<string, Exchange>()
  readonly #server = createServer((request, response) => void this.#answer(request, response))

  static async start(): Promise<OffloadService> {
    const service = new OffloadService()
    await new Promise<void>((resolve) => service.#server.listen(0, '127.0.0.1', resolve))
    return service
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get endpoint(): string {
    return `http://${this.host}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const { method = '', url = '', headers } = request
    const call = { method, path: url, authorization: headers.authorization, bytes: Buffer.concat(parts) }
    this.calls.push(call)
    if (this.intercept?.(request, response, call)) return
    if (call.authorization !== undefined || method === 'POST' || this.readersAreKnown) {
      if (!this.#authenticate(call, response)) return
    }
    if (method === 'GET') this.#hand(url, response)
    else this.#take(call, response)
  }

  #hand(path: string, response: ServerResponse): void {
    const document = this.stored.get(path)
    response.writeHead(document === undefined ? 404 : 200).end(document)
  }

  /** The official package reads what was uploaded, and writes what is handed out. */
  #take({ path, bytes }: Call, response: ServerResponse): void {
    if (!/^\/topic\/[\w.-]+\+oversized$/.test(path)) return void response.writeHead(404).end()
    const { message, headers, key } = deserialize(bytes, { promoteBuffers: true })
    const id = (headers as [string, Buffer][]).find(([name]) => name === '_id')?.[1]
    if (id?.length !== 16) return void response.writeHead(400).end()
    const metadata = { headers, timestamp: 1_700_000_000_123n, ...(key !== undefined && { key }) }
    this.stored.set(`/msg/${uuidOf(id)}`, Buffer.from(serialize({ message, metadata })))
    response.writeHead(201).end()
  }

  /** False where the answer has been given: another round, or a refusal. */
  #authenticate({ authorization = '', bytes }: Call, response: ServerResponse): boolean {
    const { sid, data = '' } = Object.fromEntries(
      authorization
        .replace(/^SCRAM-SHA-512 /, '')
        .split(',')
        .map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)])
    )
    const message = Buffer.from(data, 'base64').toString()
    if (sid === undefined) {
      const [, , username, nonce] = message.split(',')
      if (username !== `n=${this.credentials.username}` || nonce === undefined || bytes.length > 0) {
        response.writeHead(401, { 'www-authenticate': 'SCRAM-SHA-512 realm="test"' }).end()
        return false
      }
      const id = randomBytes(6).toString('hex')
      const serverFirst = `${nonce}${randomBytes(9).toString('base64')},s=${SALT.toString('base64')},i=${ITERATIONS}`
      this.#exchanges.set(id, { clientFirstBare: message.slice(3), serverFirst })
      const challenge = `SCRAM-SHA-512 sid=${id},data=${Buffer.from(serverFirst).toString('base64')}`
      response.writeHead(401, { 'www-authenticate': challenge }).end()
      return false
    }
    const exchange = this.#exchanges.get(sid)
    this.#exchanges.delete(sid)
    const signature = exchange && serverSignature(exchange, message, this.credentials.password)
    if (signature === undefined) {
      response.writeHead(401).end()
      return false
    }
    const v = this.impostor ? randomBytes(64) : signature
    const final = Buffer.from(`v=${v.toString('base64')}`).toString('base64')
    response.setHeader('authentication-info', `sid=${sid},data=${final}`)
    return true
  }
}

/** Undefined unless the proof is right: its XOR with the client's signature is a key whose hash is the stored one. */
function serverSignature(
  { clientFirstBare, serverFirst }: Exchange,
  clientFinal: string,
  password: string
): Buffer | undefined {
  const [channel, nonce, proof] = clientFinal.split(',')
  if (channel !== 'c=biws' || nonce !== serverFirst.split(',')[0]) return undefined
  const salted = pbkdf2Sync(password, SALT, ITERATIONS, 64, 'sha512')
  const hmac = (key: Buffer, text: string) => createHmac('sha512', key).update(text).digest()
  const sha = (bytes: Buffer) => createHash('sha512').update(bytes).digest()
  const authMessage = `${clientFirstBare},${serverFirst},${channel},${nonce}`
  const storedKey = sha(hmac(salted, 'Client Key'))
  const signature = hmac(storedKey, authMessage)
  const clientKey = Buffer.from(proof!.slice(2), 'base64').map((byte, index) => byte ^ signature[index]!)
  return sha(Buffer.from(clientKey)).equals(storedKey) ? hmac(hmac(salted, 'Server Key'), authMessage) : undefined
}

export function uuidOf(id: Uint8Array): string {
  return Buffer.from(id)
    .toString('hex')
    .replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
