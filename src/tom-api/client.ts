import { stringifyJson } from '../codecs/json-text.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import { causeOf, secondsOf } from '../http/network.ts'
import { Pace } from '../http/pace.ts'
import { Slots } from '../http/slots.ts'
import { type Fields, recordOf, recordsOf } from '../tom/fields.ts'
import { type Answer, noTom, readAnswer, type Response } from './answer.ts'

export interface TomAccess {
  /** Ends in a slash. */
  readonly url: string
  /** Of an Authorization header: `Basic` or `Token`, and what stands behind it. */
  readonly scheme: 'Basic' | 'Token'
  readonly credentials: string
  /** What an answer must not repeat into our log. */
  readonly secrets: readonly string[]
  /** Requests a second. */
  readonly rate: number | undefined
  /** Seconds that one request may take. */
  readonly timeout: number
}

/** Requests on their way at the same time. A TOM is a web site for people, too. */
const AT_ONCE = 4
/** Rows of one page. */
const PAGE = 500

/** The REST interface of a TOM, as one of its users. Throws `SINK_UNAVAILABLE`, never with a secret. */
export class TomClient {
  readonly #access: TomAccess
  readonly #pace: Pace
  readonly #slots = new Slots(AT_ONCE)

  constructor(access: TomAccess) {
    this.#access = access
    this.#pace = new Pace(access.rate)
  }

  /** Finds out whether this is a TOM that knows us, and that looks up names as they are compared here. */
  async connect(signal: AbortSignal): Promise<void> {
    const { scheme } = this.#access
    const root = recordOf(await this.#get('', signal))
    if (root?.targets === undefined || root.reduceddatums === undefined) throw noTom(this.#access.url)
    // Credentials of a kind that it does not look at make us anybody; of a kind that it does, these must be wrong.
    const { status } = await this.#request('GET', '', null, signal, scheme)
    if (status === 200) throw this.#unavailable(`it takes no ${scheme} credentials`, UNKNOWN_SCHEME[scheme])
    const nobody = await this.#page('targets/', queryOf({ name_fuzzy: 'a name that no target has' }), signal)
    if (nobody.rows.length > 0) throw this.#unavailable('it cannot look up names', 'Update its tomtoolkit.')
  }

  /** All rows that a filter finds. Throws `SINK_REJECTED` where the TOM does not take the filter's values. */
  async list(path: string, filter: Readonly<Record<string, string>>, signal: AbortSignal): Promise<readonly Fields[]> {
    const found: Fields[] = []
    for (let query: string | undefined = queryOf(filter); query !== undefined; ) {
      const { rows, next } = await this.#page(path, query, signal)
      found.push(...rows)
      query = rows.length === 0 ? undefined : next
    }
    return found
  }

  /** `told`: what a TOM tells of all that it has taken; who does not tell it has taken nothing. */
  async post(path: string, body: unknown, told: 'id' | 'target', signal: AbortSignal): Promise<Answer> {
    const answer = this.#read(await this.#request('POST', path, stringifyJson(body), signal))
    if (answer.kind === 'done' && recordOf(answer.json)?.[told] === undefined) throw noTom(this.#access.url)
    return answer
  }

  /** `next`: the query of the page behind it; which parameters it has depends on the settings of the TOM. */
  async #page(path: string, query: string, signal: AbortSignal) {
    const answer = await this.#get(`${path}${query}`, signal)
    // Without pages, where its settings say so, a TOM gives a list.
    const { results, next } = Array.isArray(answer) ? { results: answer } : (recordOf(answer) ?? {})
    if (!Array.isArray(results)) throw noTom(this.#access.url)
    const link = typeof next === 'string' ? URL.parse(next, this.#access.url) : null
    return { rows: recordsOf(results), next: link?.search }
  }

  async #get(path: string, signal: AbortSignal): Promise<unknown> {
    const answer = this.#read(await this.#request('GET', path, null, signal))
    if (answer.kind === 'failed') throw answer.error
    if (answer.kind === 'done') return answer.json
    throw new AlertStreamsError('SINK_REJECTED', `the TOM refused to look it up: ${answer.said}`)
  }

  #read(response: Response): Answer {
    return readAnswer(response, this.#access.url, (text) => this.#masked(text))
  }

  #request(
    method: string,
    path: string,
    body: string | null,
    signal: AbortSignal,
    authorization = `${this.#access.scheme} ${this.#access.credentials}`
  ): Promise<Response> {
    const { url, timeout } = this.#access
    return this.#slots.run(async () => {
      await this.#pace.turn(signal)
      const until = AbortSignal.any([signal, AbortSignal.timeout(timeout * 1000)])
      try {
        const response = await fetch(`${url}api/${path}`, {
          method,
          body,
          headers: { Authorization: authorization, 'Content-Type': 'application/json', Accept: 'application/json' },
          // The credentials are for this address alone.
          redirect: 'manual',
          signal: until
        })
        const { status, headers } = response
        const wait = status === 429 || status === 503 ? secondsOf(headers.get('retry-after')) : undefined
        if (wait !== undefined) this.#pace.holdOff(wait)
        return { status, location: headers.get('location'), body: await response.text(), wait }
      } catch (error) {
        signal.throwIfAborted()
        const reason = until.aborted ? `no answer within ${timeout} s` : this.#masked(causeOf(error))
        throw this.#unavailable(reason, 'Check URL, and that it can be reached from here.')
      }
    })
  }

  #unavailable(reason: string, remedy: string): AlertStreamsError {
    return new AlertStreamsError('SINK_UNAVAILABLE', `${this.#access.url}: ${reason}`, { remedy })
  }

  #masked(text: string): string {
    return this.#access.secrets.reduce((masked, secret) => masked.replaceAll(secret, '***'), text)
  }
}

function queryOf(filter: Readonly<Record<string, string>>): string {
  return `?${new URLSearchParams({ ...filter, limit: String(PAGE) })}`
}

const UNKNOWN_SCHEME = {
  Basic: 'Set TOKEN, or let the TOM take BasicAuthentication (REST_FRAMEWORK in its settings).',
  Token: 'Set USERNAME and PASSWORD, or let the TOM take TokenAuthentication (REST_FRAMEWORK in its settings).'
}
