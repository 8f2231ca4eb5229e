import { AlertStreamsError } from '../contract/errors.ts'
import { jsonOf, saidIn } from '../http/said.ts'

export interface Response {
  readonly status: number
  /** Where a redirection leads. */
  readonly location: string | null
  readonly body: string
  /** Seconds that it asks us to keep away. */
  readonly wait: number | undefined
}

/** What a TOM has made of a request. */
export type Answer =
  | { readonly kind: 'done'; readonly json: unknown }
  /** The request can never be taken as it is: `name: This field may not be blank.` */
  | { readonly kind: 'refused'; readonly said: string }
  /** The TOM failed at it, which may be the fault of either side. */
  | { readonly kind: 'failed'; readonly error: RequestFailed }

/** `SINK_UNAVAILABLE`: the TOM failed at one request, and may do so at any or at this one alone. */
export class RequestFailed extends AlertStreamsError {}

const CHECK_URL = 'Check URL: it is the address of the TOM, without api/.'

export function noTom(where: string): AlertStreamsError {
  return new AlertStreamsError('SINK_UNAVAILABLE', `${where}: what answers there is no TOM`, { remedy: CHECK_URL })
}

/** Of a TOM, which says what is wrong; without a word it may be somebody before it, who refuses everything. */
const REFUSED = [400, 409, 415, 422]
const TOO_LARGE = [413, 414, 431]
const LOG_IN =
  'Check USERNAME and PASSWORD, or TOKEN; where the AUTH_STRATEGY of the TOM is LOCKED, its OPEN_URLS need /api/*.'

/**
 * Throws `SINK_UNAVAILABLE` for what says nothing about the one request. `where`: the TOM, for people; `masked`: what it
 * says, without secrets.
 */
export function readAnswer(
  { status, location, body, wait }: Response,
  where: string,
  masked: (text: string) => string
): Answer {
  const json = jsonOf(body)
  const text = saidIn(json)
  const said = text === undefined ? undefined : masked(text)
  const waiting = wait === undefined ? '' : `; it asks us to wait ${Math.ceil(wait)} s`
  const trouble = (remedy: string, reason = `HTTP ${status}${said === undefined ? '' : `: ${said}`}`) =>
    new AlertStreamsError('SINK_UNAVAILABLE', `${where}: ${reason}${waiting}`, { remedy })
  if (status >= 200 && status < 300) {
    if (json === undefined) throw noTom(where)
    return { kind: 'done', json }
  }
  if (TOO_LARGE.includes(status) || (REFUSED.includes(status) && said !== undefined))
    return { kind: 'refused', said: said ?? `HTTP ${status}` }
  if (status === 401 || status === 403) throw trouble(LOG_IN)
  // A TOM shows the login page to whom it refuses, its interface for programs included.
  if (status < 400 && location?.includes('login')) throw trouble(LOG_IN, 'it wants a login')
  if (status < 400 || status === 404 || status === 405) throw trouble(CHECK_URL, `HTTP ${status}`)
  if (status === 429) throw trouble('Set RATE, or lower it, where this goes on.')
  const isRefused = REFUSED.includes(status)
  const remedy = `See the log of the TOM${isRefused ? ', and its ALLOWED_HOSTS' : ''}; it is tried again.`
  if (status !== 500 && !isRefused) throw trouble(remedy, `HTTP ${status}`)
  return { kind: 'failed', error: new RequestFailed('SINK_UNAVAILABLE', `${where}: HTTP ${status}`, { remedy }) }
}
