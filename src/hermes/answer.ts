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
  'Check TOKEN; its user must have logged in to Hermes once, so that Hermes has a SCiMMA credential for him.'
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
  return { kind: 'refused', reason: `Hermes refused it (HTTP ${status}): ${said}` }
}

/** The texts of an error tree with their fields: `data.targets[1].ra: Must be ...`. */
function saidIn(json: unknown): string | undefined {
  const found: string[] = []
  collect(json, '', found)
  return found.length === 0 ? undefined : found.slice(0, 10).join('; ')
}

function collect(value: unknown, path: string, found: string[]): void {
  if (typeof value === 'string') {
    found.push(
      ['', 'error', 'detail', 'message'].includes(path) ? value.slice(0, 500) : `${path}: ${value.slice(0, 500)}`
    )
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      collect(item, typeof item === 'string' ? path : `${path}[${index}]`, found)
  } else if (isRecord(value)) {
    for (const [name, item] of Object.entries(value)) collect(item, path === '' ? name : `${path}.${name}`, found)
  }
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** `120`, or a date. */
function secondsOf(header: string | null): number | undefined {
  if (header === null) return undefined
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1000
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds)
}
