import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What becomes of one request instead of the TOM's answer to it. */
export type Instead =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** The TOM does it, and its answer is lost. */
  | 'lose the answer'
  | 'never answer'

/** Stands before a TOM, and spoils requests on request. */
export class Door {
  /** Method and path of each request, with the time at which it came. */
  readonly requests: { readonly line: string; readonly at: number }[] = []
  /** What to do with a request; undefined lets it through. */
  spoil: (method: string, path: string, body: string) => Instead | undefined = () => undefined
  /** Is told of each request that comes, and when it is answered. */
  watch: (isThere: boolean) => void = () => {}
  readonly #server: Server
  readonly #tom: string

  private constructor(tom: string) {
    this.#tom = tom
    this.#server = createServer((request, response) => {
      this.watch(true)
      this.#pass(request, response)
        .catch(() => response.destroy())
        .finally(() => this.watch(false))
    })
  }

  static async before(tom: { readonly url: string }): Promise<Door> {
    const door = new Door(tom.url.replace(/\/$/, ''))
    door.#server.listen(0, '127.0.0.1')
    await once(door.#server, 'listening')
    return door
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  /** The next requests that write go so, one after the other; those that read go through. */
  next(...instead: readonly (Instead | 'let it through')[]): void {
    const left = [...instead]
    this.spoil = (method) => {
      const one = method === 'POST' ? left.shift() : undefined
      return one === 'let it through' ? undefined : one
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request
    this.requests.push({ line: `${method} ${url}`, at: Date.now() })
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const instead = this.spoil(method, url, body.toString())
    if (instead === 'never answer') return
    if (typeof instead === 'object') {
      response.writeHead(instead.status, instead.headers).end(instead.body ?? '')
      return
    }
    const { authorization = '', 'content-type': type = '' } = headers
    const answer = await fetch(this.#tom + url, {
      method,
      body: method === 'POST' ? body : null,
      headers: { authorization, 'content-type': type },
      redirect: 'manual'
    })
    const text = await answer.text()
    if (instead === 'lose the answer') response.destroy()
    else response.writeHead(answer.status, { location: answer.headers.get('location') ?? '' }).end(text)
  }
}
