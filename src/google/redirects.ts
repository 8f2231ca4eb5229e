import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Where the browser is sent at the end of a login: a port of this machine that nobody else can reach. */
export interface Redirects {
  readonly uri: string
  close(): void
}

/** `taken` gets each address that a browser asks for, and gives what the browser is to show. */
export async function listenForRedirects(taken: (address: string) => Promise<string>): Promise<Redirects> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1')
    const say = (status: number, text: string) =>
      response
        .writeHead(status, {
          'Content-Type': 'text/plain; charset=utf-8',
          'Cache-Control': 'no-store',
          Connection: 'close'
        })
        .end(`${text}\n`)
    if (request.method !== 'GET' || pathname !== '/') {
      say(404, 'Nothing is here.')
      return
    }
    void taken(request.url ?? '/').then((text) => say(200, text))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      // What it has just answered still goes out.
      server.close()
      server.closeIdleConnections()
      server.unref()
    }
  }
}
