import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

/** None of these may show in a log line or an error. */
export const canary = { secret: 'canary-client-secret-91', refresh: 'canary-refresh-token-91' } as const

/** An answer instead of the service's. */
export interface Fault {
  readonly status: number
  readonly body?: unknown
  /** How many calls it is for. */
  count: number
}

/** Google's door: it gives access tokens for the canary's refresh token, and lets calls through to a service with them. */
export class Google {
  /** The login was taken back: no tokens any more. */
  revoked = false
  /** The access tokens that are good. */
  readonly good = new Set<string>()
  /** How many tokens were given. */
  given = 0
  /** By the end of the path, as `:pull`. */
  readonly faults = new Map<string, Fault>()
  /** Method and path of each call. */
  readonly calls: string[] = []
  readonly #server: Server
  readonly #behind: string

  static async start(behind: string): Promise<Google> {
    const google = new Google(behind)
    await new Promise<void>((resolve) => google.#server.listen(0, '127.0.0.1', resolve))
    return google
  }

  private constructor(behind: string) {
    this.#behind = behind
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error) => response.writeHead(502).end(String(error)))
    })
    this.#server.unref()
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? ''
    const body = await buffer(request)
    const say = (status: number, value: unknown) =>
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
    if (path === '/token') return this.#token(new URLSearchParams(body.toString()), say)
    this.calls.push(`${request.method} ${path}`)
    const [ending, fault] = [...this.faults].find(([end]) => path.split('?')[0]!.endsWith(end)) ?? []
    if (fault && fault.count-- > 0)
      return void say(fault.status, fault.body ?? { error: { code: fault.status, message: `fault for ${ending}` } })
    if (!this.good.has(request.headers.authorization?.replace('Bearer ', '') ?? '')) {
      return void say(401, { error: { code: 401, message: 'Invalid credentials', status: 'UNAUTHENTICATED' } })
    }
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const init = { method: request.method ?? 'GET', signal: gone.signal, ...(body.length > 0 && { body }) }
    const answer = await fetch(`${this.#behind}${path}`, init)
    response
      .writeHead(answer.status, { 'Content-Type': 'application/json' })
      .end(Buffer.from(await answer.arrayBuffer()))
  }

  #token(form: URLSearchParams, say: (status: number, value: unknown) => unknown): void {
    const right = form.get('client_secret') === canary.secret && form.get('refresh_token') === canary.refresh
    if (this.revoked || !right) {
      // Some servers repeat what they were asked.
      say(400, { error: 'invalid_grant', error_description: `Token has been expired or revoked. ${form}` })
      return
    }
    const token = `canary-access-${randomBytes(8).toString('hex')}`
    this.good.add(token)
    this.given++
    say(200, { access_token: token, expires_in: 3599, token_type: 'Bearer' })
  }
}

/** What a login has left, of the door at that address. */
export function loginFile(url: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'alertstreams-login-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'login.json')
  const login = {
    client_id: 'me',
    client_secret: canary.secret,
    refresh_token: canary.refresh,
    token_uri: `${url}/token`
  }
  writeFileSync(file, JSON.stringify({ type: 'authorized_user', ...login }), { mode: 0o600 })
  return file
}

/** Nobody listens there. */
const CLOSED = 'http://127.0.0.1:9'

/** Options of a source where nobody answers, with a login that is good. */
export async function unreachable() {
  const google = await Google.start(CLOSED)
  return { PROJECT: 'nobody', ENDPOINT: CLOSED, TOKEN_FILE: loginFile(google.url) }
}

/** Options of a source with a login that was revoked. */
export async function refused() {
  const google = await Google.start(CLOSED)
  google.revoked = true
  return { PROJECT: 'nobody', ENDPOINT: google.url, TOKEN_FILE: loginFile(google.url) }
}
