import { AlertStreamsError } from '../contract/errors.ts'
import type { Failure, Outgoing, Source } from '../contract/sink.ts'
import type { PlacedRecord } from './cut.ts'
import { headersFor } from './wire/index.ts'

type HeaderList = readonly (readonly [name: string, value: string | Uint8Array | null])[]

/** Of each record: its length, offset, timestamp and the lengths of its parts. */
const RECORD_OVERHEAD = 40

/** An outgoing message as a record for a topic. `encode` makes bytes of a value that is none. */
export function placeRecord(
  outgoing: Outgoing,
  source: Source,
  topic: string,
  encode: (value: unknown) => Uint8Array
): PlacedRecord {
  const value = outgoing.value
  const bytes = value === null ? null : value instanceof Uint8Array ? value : encode(value)
  const key = keyBytes(outgoing.key)
  const given: HeaderList = outgoing.headers ?? []
  const headers = source.failure === undefined ? given : [...given, ...failureHeaders(source, source.failure)]
  const pairs = headers.map(([name, one]) => [name, typeof one === 'string' ? Buffer.from(one) : one] as const)
  let size = RECORD_OVERHEAD + (bytes?.length ?? 0) + (key?.length ?? 0)
  for (const [name, one] of pairs) size += name.length + (one?.length ?? 0) + 10
  return {
    target: topic,
    bytes: size,
    extraBytes: bytes === null || bytes === source.message.bytes ? 0 : bytes.length,
    record: {
      key: key as Buffer | null,
      value: bytes as Buffer | null,
      ...(pairs.length > 0 && { headers: headersFor(pairs) })
    },
    partition: outgoing.partition,
    lane: source.partition,
    written: false
  }
}

function keyBytes(key: Outgoing['key']): Uint8Array | null {
  if (key === undefined || key === null) return null
  return typeof key === 'string' ? Buffer.from(key) : key
}

/** Why and from where, beside the original's own headers. */
function failureHeaders({ message, stream, route }: Source, { code, reason, stack, attempts }: Failure): HeaderList {
  const facts: Record<string, string | undefined> = {
    code,
    reason: reason.slice(0, 2000),
    stack: stack?.slice(0, 4000),
    attempts: String(attempts),
    stream,
    route,
    topic: message.topic,
    id: message.id,
    partition: message.partition?.toString(),
    offset: message.offset,
    timestamp: message.publishedAt?.toISOString()
  }
  return Object.entries(facts).flatMap(([name, value]) =>
    value === undefined ? [] : [[`alertstreams-${name}`, value] as const]
  )
}

/** Kafka's own rule for names of topics. */
export function checkTopic(topic: string): string {
  if (/^[\w.-]{1,249}$/.test(topic) && topic !== '.' && topic !== '..') return topic
  throw new AlertStreamsError('SINK_REJECTED', `"${topic}" is no name for a Kafka topic`, {
    remedy: 'A name has letters, digits, dots, dashes and underscores, at most 249.'
  })
}
