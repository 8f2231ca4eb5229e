import type { Headers } from '../contract/alert.ts'
import type { Failure, Source } from '../contract/sink.ts'

const PREFIX = 'alertstreams-'
/** What is said beside the original's own headers, in the order of its worth: what a retry needs comes first. */
const FACTS = [
  'code',
  'stream',
  'topic',
  'partition',
  'offset',
  'id',
  'route',
  'attempts',
  'timestamp',
  'reason',
  'stack'
] as const
type Fact = (typeof FACTS)[number]
/** Without these it would be a message, and no dead letter that can be tried again. */
const NEEDED = 3
const LONGEST_REASON = 2000
const LONGEST_STACK = 4000

/** Bytes of a header beside its name and value: their lengths, and its place in the list. */
export const HEADER_OVERHEAD = 10

/** Why an alert is a dead letter and where it came from, as headers, the most important first. */
export function failureHeaders({ message, stream, route }: Source, failure: Failure): Headers {
  const facts: Record<Fact, string | undefined> = {
    code: failure.code,
    stream,
    topic: message.topic,
    partition: message.partition?.toString(),
    offset: message.offset,
    id: message.id,
    route,
    attempts: String(failure.attempts),
    timestamp: message.publishedAt?.toISOString(),
    reason: failure.reason.slice(0, LONGEST_REASON),
    stack: failure.stack?.slice(0, LONGEST_STACK)
  }
  return FACTS.flatMap((name) => {
    const value = facts[name]
    return value === undefined ? [] : [[`${PREFIX}${name}`, Buffer.from(value)] as const]
  })
}

/** As many of the first headers as go into so many bytes, those that a retry needs in any case. */
export function fitting(headers: Headers, room: number): Headers {
  let left = room
  const count = headers.findIndex(([name, value], index) => {
    left -= name.length + (value?.length ?? 0) + HEADER_OVERHEAD
    return left < 0 && index >= NEEDED
  })
  return count < 0 ? headers : headers.slice(0, count)
}

/** What stands in a dead letter's headers; undefined: it is none. */
export interface Told {
  /** The original's own headers. */
  readonly own: Headers
  readonly facts: Readonly<Partial<Record<Fact, string>>>
}

/**
 * Takes apart what `failureHeaders` was appended to. The original may be a dead letter itself, with such headers of its
 * own: those that were added are the last ones, in their order.
 */
export function toldBy(headers: Headers): Told | undefined {
  const facts: Partial<Record<Fact, string>> = {}
  let start = headers.length
  let rank = FACTS.length as number
  for (; start > 0; start--) {
    const [name, value] = headers[start - 1]!
    const own = FACTS.findIndex((fact) => name === `${PREFIX}${fact}`)
    if (own < 0 || own >= rank) break
    rank = own
    facts[FACTS[own]!] = value === null ? '' : Buffer.from(value).toString()
  }
  return rank === 0 ? { own: headers.slice(0, start), facts } : undefined
}
