import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the service does with the next submission instead of what it would do. */
export type Instead =
  /** What it does by itself. */
  | 'take it'
  /** Answers; nothing is published. */
  | { readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> }
  /** Publishes, and hangs up without an answer. */
  | 'publish and hang up'
  /** Publishes, and the proxy in front of it answers 502. */
  | 'publish and answer 502'
  /** Hangs up at once. */
  | 'hang up'
  /** Never answers. */
  | 'be silent'

export interface Published {
  readonly uuid: string
  readonly topic: string
  readonly message: Readonly<Record<string, unknown>>
  /** Milliseconds since 1970. */
  readonly at: number
}

/** Hermes' HTTP interface, in memory: profile/ and submit_message/, with the answers that the real one is known to give. */
export class HermesService implements AsyncDisposable {
  token = '0123456789abcdef0123456789abcdef01234567'
  writable: readonly string[] | undefined = ['hermes.test', 'tomtoolkit.test', 'forbidden-by-kafka']
  readonly published: Published[] = []
  /** Submissions that came, taken or not. */
  submissions = 0
  readonly #instead: Instead[] = []
  #always: Instead | undefined
  readonly #server = createServer((request, response) => void this.#answer(request, response))

  static async start(): Promise<HermesService> {
    const service = new HermesService()
    await new Promise<void>((resolve) => service.#server.listen(0, '127.0.0.1', resolve))
    return service
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  /** For the next submission; several are for those behind it. */
  next(...instead: readonly Instead[]): void {
    this.#instead.push(...instead)
  }

  /** For every submission from here on, until it is undefined again. */
  answerAll(instead: Instead | undefined): void {
    this.#always = instead
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const { authorization } = request.headers
    const known = authorization === `Token ${this.token}`
    if (authorization !== undefined && !known) return say(response, 401, { detail: 'Invalid token.' })
    switch (`${request.method} ${request.url}`) {
      case 'GET /api/v0/profile/':
        if (!known) return say(response, 401, { detail: 'Authentication credentials were not provided.' })
        return say(response, 200, { email: 'a@example.org', writable_topics: this.writable })
      case 'POST /api/v0/submit_message/':
        this.submissions++
        return this.#submit(Buffer.concat(parts).toString(), known, request, response)
    }
    say(response, 404, '<html>Not found</html>')
  }

  #submit(body: string, known: boolean, request: IncomingMessage, response: ServerResponse): void {
    const instead = this.#instead.shift() ?? this.#always
    if (instead === 'be silent') return
    if (instead === 'hang up') return void request.socket.destroy()
    if (typeof instead === 'object') return say(response, instead.status, instead.body, instead.headers)
    const message = jsonOf(body)
    if (message === undefined) return say(response, 400, { detail: 'JSON parse error - Expecting value' })
    const missing = ['title', 'topic', 'submitter'].filter((name) => message[name] === undefined)
    const tree = Object.fromEntries(missing.map((name) => [name, ['This field is required.']]))
    if (missing.length > 0) return say(response, 400, tree)
    if (!known) return say(response, 200, { error: NO_CREDENTIAL })
    if (message.topic === 'forbidden-by-kafka')
      return say(response, 400, { error: 'Error posting message to kafka: TOPIC_AUTHORIZATION_FAILED' })
    const uuid = randomUUID()
    this.published.push({ uuid, topic: String(message.topic), message, at: Date.now() })
    if (instead === 'publish and hang up') return void request.socket.destroy()
    if (instead === 'publish and answer 502') return say(response, 502, '<html>Bad Gateway</html>')
    say(response, 200, { ...message, uuid })
  }
}

export const NO_CREDENTIAL =
  'User account does not have an associated SCIMMA auth credential. Please logout and log back in.'

function say(response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const isText = typeof body === 'string'
  const type = isText ? 'text/html' : 'application/json'
  response.writeHead(status, { 'Content-Type': type, ...headers }).end(isText ? body : JSON.stringify(body))
}

function jsonOf(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return undefined
  }
}
