import { secondsOf } from '../http/network.ts'
import { jsonOf, saidIn } from '../http/said.ts'
import { isRecord } from './checks.ts'

/** What became of a message that was submitted. */
export type Answer =
  | { readonly kind: 'published'; readonly uuid: string }
  /** It can never be taken as it is. */
  | { readonly kind: 'refused'; readonly reason: string }
  | Trouble

/** Hermes, the network or the account is at fault. */
export interface Trouble {
  readonly kind: 'trouble'
  readonly reason: string
  readonly remedy: string
  /** It may have been published all the same. */
  readonly doubtful: boolean
  /** Seconds, as the server asks for. */
  readonly retryAfter?: number
}

export interface Response {
  readonly status: number
  readonly retryAfter: string | null
  readonly body: string
}

const NO_CREDENTIAL =
  'Check TOKEN (HERMES_API_KEY); its user must have logged in to Hermes once, so that Hermes has a SCiMMA credential for them.'
const TOO_LARGE = [413, 414, 431]
const WAIT = 'Nothing: it is tried again.'
const CHECK_URL = 'Check URL: it is the address of Hermes, without api/v0/.'

/** What an answer to `submit_message/` means. A status of 200 alone does not say that anything was published. */
export function readAnswer({ status, retryAfter, body }: Response): Answer {
  const json = jsonOf(body)
  const said = saidIn(json) ?? body.trim().slice(0, 200)
  const trouble = (remedy: string, more: Partial<Trouble> = {}): Trouble => {
    const wait = secondsOf(retryAfter)
    const reason = `HTTP ${status}${said === '' ? '' : `: ${said}`}`
    return {
      kind: 'trouble',
      reason,
      remedy,
      doubtful: false,
      ...(wait !== undefined && { retryAfter: wait }),
      ...more
    }
  }
  if (status >= 200 && status < 300) {
    if (isRecord(json) && typeof json.uuid === 'string') return { kind: 'published', uuid: json.uuid }
    if (isRecord(json) && typeof json.error === 'string') return trouble(NO_CREDENTIAL)
    return { ...trouble(CHECK_URL, { doubtful: true }), reason: `HTTP ${status}, and the answer has no uuid` }
  }
  if (status === 401 || status === 403) return trouble(NO_CREDENTIAL)
  if (status < 400 || status === 404 || status === 405) return { ...trouble(CHECK_URL), reason: `HTTP ${status}` }
  if (status === 429) return trouble('Set RATE, or lower it, where this goes on.')
  if ([408, 425, 503].includes(status)) return trouble(WAIT)
  if (status >= 500) return { ...trouble(WAIT, { doubtful: true }), reason: `HTTP ${status}` }
  // Hermes could not write to the topic: a fault of the topic or the account, unless the message is too large for it.
  const isKafka = isRecord(json) && typeof json.error === 'string' && json.error.startsWith('Error posting')
  if (isKafka && !/too.?large|SIZE/i.test(said)) return trouble('Check that the user of TOKEN may write to the topic.')
  // Without a word it may be somebody before Hermes, who refuses everything.
  if (json === undefined && !TOO_LARGE.includes(status)) return { ...trouble(CHECK_URL), reason: `HTTP ${status}` }
  return { kind: 'refused', reason: `Hermes refused it (HTTP ${status}): ${said}` }
}
