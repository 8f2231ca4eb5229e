import { createServer, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { reasonOf } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import type { Account } from '../pipeline/account.ts'
import type { Readiness } from './ready.ts'

/** What the pages show. */
export interface Shown {
  readonly account: Account
  readonly readiness: Readiness
  /** As Prometheus reads it. */
  readonly metrics: { readonly contentType: string; text(): Promise<string> }
}

/** Milliseconds between two attempts to listen: the process before this one may still have the port. */
const AGAIN = 5000

/**
 * Serves the state as JSON: `/healthz` (the process lives), `/readyz` (200, or 503 with reasons), `/account`; and
 * `/metrics` as text. A port that is taken keeps no alert waiting: it is tried again. `hide` takes secrets out of what is
 * sent.
 */
export function serveState(
  { host, port }: { readonly host: string; readonly port: number },
  shown: Shown,
  log: Logger,
  hide: (text: string) => string
): { close(): Promise<void> } {
  const closed = new AbortController()
  const server = createServer(async ({ method, url = '/' }, response) => {
    const send = (status: number, body: unknown) =>
      answer(response, status, 'application/json', `${hide(JSON.stringify(body))}\n`)
    if (method !== 'GET' && method !== 'HEAD') return send(405, { error: 'only GET' })
    const path = url.split('?', 1)[0]
    if (path === '/healthz') return send(200, { alive: true })
    if (path === '/account') return send(200, shown.account)
    if (path === '/metrics') {
      const { metrics } = shown
      const text = await metrics.text().catch((error: unknown) => {
        log.error(`the metrics cannot be shown: ${reasonOf(error)}`)
        return undefined
      })
      if (text === undefined) return send(500, { error: 'the log says why' })
      return answer(response, 200, metrics.contentType, hide(text))
    }
    if (path !== '/readyz') return send(404, { error: 'there are /healthz, /readyz, /metrics and /account' })
    const { readiness } = shown
    send(readiness.ready ? 200 : 503, readiness)
  })
  server.on('listening', () => log.info({ host, port }, `state at http://${host}:${port}/readyz`))
  server.on('error', async (error) => {
    log.error(`the state cannot be served at ${host}:${port}: ${reasonOf(error)}; trying again`)
    await sleep(AGAIN, undefined, { signal: closed.signal, ref: false }).catch(() => undefined)
    if (!closed.signal.aborted) server.listen(port, host)
  })
  server.listen(port, host)
  return {
    async close() {
      closed.abort()
      server.closeAllConnections()
      if (server.listening) await new Promise((resolve) => server.close(resolve))
    }
  }
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
  response.end(body)
}
