import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** Milliseconds since 1970. */
  readonly at: number
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** An HTTP server that keeps what it answered with success, and answers as it is told. */
export class WebhookServer {
  /** What it took: each answered with 200. */
  readonly taken: Received[] = []
  /** All that came. */
  readonly all: Received[] = []
  /** Given a request, an answer that is not 200; or never one. */
  answer: (request: Received) => Answer | 'never' | 'cut' | undefined = () => undefined
  readonly #server: Server
  port = 0

  constructor() {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const { method = '', url: path = '', headers } = request
      const received = { method, path, headers, body: Buffer.concat(chunks), at: Date.now() }
      this.all.push(received)
      const answer = this.answer(received)
      if (answer === 'never') return
      if (answer === 'cut') return void request.socket.destroy()
      if (answer === undefined) this.taken.push(received)
      const { status, headers: more = {}, body = 'ok' } = answer ?? { status: 200 }
      response.writeHead(status, more).end(body)
    })
  }

  async start(): Promise<this> {
    this.#server.listen(this.port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.port = (this.#server.address() as { port: number }).port
    return this
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }
}
