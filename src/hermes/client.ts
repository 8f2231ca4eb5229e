import { AlertStreamsError } from '../contract/errors.ts'
import { causeOf } from '../http/network.ts'
import { Pace } from '../http/pace.ts'
import { type Answer, readAnswer, type Response, type Trouble } from './answer.ts'
import { isRecord } from './checks.ts'

export interface HermesAccess {
  /** Ends in a slash. */
  readonly url: string
  readonly token: string
  /** Messages a second. */
  readonly rate: number | undefined
  /** Seconds that one request may take. */
  readonly timeout: number
}

/** Hermes' HTTP interface, as one user. Errors of it are `SINK_UNAVAILABLE`. */
export class HermesClient {
  readonly #access: HermesAccess
  readonly #pace: Pace

  constructor(access: HermesAccess) {
    this.#access = access
    this.#pace = new Pace(access.rate)
  }

  /** The topics that the user may write; undefined where Hermes does not say. Rejects where the token is not known. */
  async writableTopics(signal: AbortSignal): Promise<readonly string[] | undefined> {
    const response = await this.#request('GET', 'profile/', null, signal)
    if ('kind' in response) throw this.#error(response)
    const answer = response.status === 200 ? undefined : readAnswer(response)
    if (answer?.kind === 'trouble') throw this.#error(answer)
    if (answer !== undefined) throw this.#error({ ...NOT_HERMES, reason: `HTTP ${response.status}` })
    const topics = topicsIn(response.body)
    if (topics === 'none') throw this.#error(NOT_HERMES)
    return topics
  }

  /** Waits until a message may be handed over: for the rate, and where Hermes has asked for patience. */
  turn(signal: AbortSignal): Promise<void> {
    return this.#pace.turn(signal)
  }

  /** Hands one message over. Rejects only when the signal aborts, and then it may have been published. */
  async submit(body: string, signal: AbortSignal): Promise<Answer> {
    const response = await this.#request('POST', 'submit_message/', body, signal)
    const answer = 'kind' in response ? response : readAnswer(response)
    if (answer.kind === 'trouble' && answer.retryAfter !== undefined) this.#pace.holdOff(answer.retryAfter)
    return answer
  }

  #error({ reason, remedy, retryAfter }: Trouble): AlertStreamsError {
    return troubleError(this.#access.url, { reason, remedy, retryAfter })
  }

  async #request(method: string, path: string, body: string | null, signal: AbortSignal): Promise<Response | Trouble> {
    const { url, token, timeout } = this.#access
    try {
      const response = await fetch(`${url}api/v0/${path}`, {
        method,
        body,
        headers: { Authorization: `Token ${token}`, 'Content-Type': 'application/json', Accept: 'application/json' },
        // The token is for this address alone.
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeout * 1000)])
      })
      const { status, headers } = response
      return { status, retryAfter: headers.get('retry-after'), body: await response.text() }
    } catch (error) {
      signal.throwIfAborted()
      return { kind: 'trouble', reason: causeOf(error), remedy: UNREACHABLE, doubtful: !isUnsent(error) }
    }
  }
}

export function troubleError(
  where: string,
  { reason, remedy, retryAfter }: { reason: string; remedy: string; retryAfter?: number | undefined }
): AlertStreamsError {
  const wait = retryAfter === undefined ? '' : `; it asks to wait ${Math.ceil(retryAfter)} s`
  return new AlertStreamsError('SINK_UNAVAILABLE', `${where}: ${reason}${wait}`, { remedy })
}

const UNREACHABLE = 'Check URL, and that it can be reached from here.'
const NOT_HERMES: Trouble = {
  kind: 'trouble',
  reason: 'what answers there is not Hermes',
  remedy: 'Check URL: it is the address of Hermes, without api/v0/.',
  doubtful: false
}

function topicsIn(body: string): readonly string[] | undefined | 'none' {
  try {
    const profile: unknown = JSON.parse(body)
    const topics: unknown = isRecord(profile) ? profile.writable_topics : undefined
    return Array.isArray(topics) ? topics.filter((topic) => typeof topic === 'string') : undefined
  } catch {
    return 'none'
  }
}

/** The connection was never made. */
function isUnsent(error: unknown): boolean {
  const code = String((error as { cause?: { code?: unknown } }).cause?.code)
  return /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$|CERT|^ERR_TLS/.test(
    code
  )
}
