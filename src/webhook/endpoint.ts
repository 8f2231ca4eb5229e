import { connect } from 'node:net'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import type { HeaderMap } from './options.ts'

/** Statuses that are about the one message; all others that are no success are about the endpoint. */
const REFUSED = [400, 406, 409, 411, 412, 413, 414, 415, 416, 417, 422, 431]
/** Milliseconds; an endpoint that wants a longer pause is asked again then. */
const LONGEST_PAUSE = 3_600_000
/** Bytes of an answer that are read. */
const MOST_READ = 4096

export interface Request {
  readonly body: Uint8Array
  readonly type: string
  readonly idempotencyKey: string
}

export interface EndpointOptions {
  readonly url: string
  readonly method: string
  readonly headers: HeaderMap
  /** Seconds for one request. */
  readonly timeout: number
}

/** One URL. Neither its path nor a header is ever in an error. */
export class Endpoint {
  /** Milliseconds since 1970: no request before. */
  resumeAt = 0
  readonly #url: URL
  readonly #options: EndpointOptions
  readonly #headers: HeaderMap
  readonly #secrets: readonly string[]

  constructor(options: EndpointOptions) {
    this.#options = options
    this.#url = new URL(options.url)
    const { username, password } = this.#url
    // With these in the URL, fetch refuses it and says it aloud.
    this.#url.username = this.#url.password = ''
    const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    const basic = username === '' ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` }
    const given = Object.entries(options.headers).map(([name, value]) => [name.toLowerCase(), value])
    this.#headers = { ...basic, ...Object.fromEntries(given) }
    this.#secrets = secretsIn(this.#url, [options.url, password, decodeURIComponent(password)], this.#headers)
  }

  /** Finds out whether anybody listens there, without a request: some endpoints act on any. */
  async reach(signal: AbortSignal): Promise<void> {
    // Behind a proxy the endpoint itself need not be in reach.
    if (process.env.NODE_USE_ENV_PROXY === '1') return
    const { hostname, port, protocol } = this.#url
    const socket = connect({
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(port) || (protocol === 'https:' ? 443 : 80)
    })
    const until = AbortSignal.any([signal, AbortSignal.timeout(this.#options.timeout * 1000)])
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve).once('error', reject)
        until.addEventListener('abort', () => reject(until.reason))
        if (until.aborted) reject(until.reason)
      })
    } catch (error) {
      throw this.#unavailable(networkReason(error), 'Check URL, and that the endpoint can be reached.')
    } finally {
      socket.destroy()
    }
  }

  /** Undefined when it was taken, else why it never will be. Throws `SINK_UNAVAILABLE`. */
  async send({ body, type, idempotencyKey }: Request, signal: AbortSignal): Promise<string | undefined> {
    const { method, timeout } = this.#options
    const until = AbortSignal.any([signal, AbortSignal.timeout(timeout * 1000)])
    let response: Response
    let answer: string
    try {
      const headers = { 'content-type': type, 'idempotency-key': idempotencyKey, ...this.#headers }
      response = await fetch(this.#url, { method, headers, body: Buffer.from(body), redirect: 'manual', signal: until })
      answer = await beginningOf(response)
    } catch (error) {
      signal.throwIfAborted()
      const reason = until.aborted ? `no answer within ${timeout} s` : networkReason(error)
      throw this.#unavailable(reason, 'Check URL, and that the endpoint can be reached.')
    }
    if (response.ok) return undefined
    const said = answer === '' ? '' : `: ${this.#masked(answer).slice(0, 200)}`
    const reason = `answered ${response.status} ${this.#masked(response.statusText)}${said}`.trim()
    if (REFUSED.includes(response.status)) return `${this.#url.host} ${reason}`
    this.resumeAt = Date.now() + pauseOf(response.headers.get('retry-after'))
    throw this.#unavailable(reason, remedyOf(response.status))
  }

  /** Without a cause: errors of fetch may hold the URL. */
  #unavailable(reason: string, remedy: string): AlertStreamsError {
    return new AlertStreamsError('SINK_UNAVAILABLE', `${this.#url.host}: ${this.#masked(reason)}`, { remedy })
  }

  #masked(text: string): string {
    return this.#secrets.reduce((masked, secret) => masked.replaceAll(secret, '***'), text)
  }
}

/** Whatever an answer must not repeat into our log, the longest first: a part of it must not stand where it was. */
function secretsIn({ href, pathname, search }: URL, more: readonly string[], headers: HeaderMap): readonly string[] {
  const values = Object.values(headers).flatMap((value) => [value, ...value.split(/\s+/)])
  const parts = [`${pathname}${search}`, ...pathname.split('/'), ...search.split(/[?&=]/)]
  const decoded = [...new URLSearchParams(search).values(), ...new URLSearchParams(`=${pathname}`).values()]
  const all = [href, ...more, ...parts, ...decoded, ...values]
  return all.filter((word) => word.length >= 6).sort((a, b) => b.length - a.length)
}

async function beginningOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= MOST_READ) break
  }
  return Buffer.concat(chunks).toString().replace(/\s+/g, ' ').trim()
}

/** Milliseconds of a Retry-After: seconds or a date; 0 for none. */
function pauseOf(header: string | null): number {
  if (header === null) return 0
  const seconds = Number(header)
  const pause = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1000
  return Number.isFinite(pause) ? Math.min(Math.max(pause, 0), LONGEST_PAUSE) : 0
}

/** What fetch hides behind "fetch failed". */
function networkReason(error: unknown): string {
  const cause = (error as { cause?: unknown } | undefined)?.cause ?? error
  return reasonOf(cause) || String((cause as { code?: unknown }).code ?? 'no connection')
}

function remedyOf(status: number): string {
  if (status === 429) return 'It is tried again when the endpoint allows; RATE asks for less at once.'
  if (status < 400) return 'The endpoint has moved: put its new address into URL.'
  if (status === 405) return 'Set METHOD to what the endpoint takes.'
  if (status < 500) return 'Check URL, and what HEADERS say about who you are: it was taken back, or never there.'
  return 'The endpoint has a fault of its own: it is tried again.'
}
