import type { Headers } from '../contract/alert.ts'
import type { Encoded } from '../contract/codec.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import type { Outgoing, Source } from '../contract/sink.ts'
import { BATCH_OVERHEAD, type PlacedRecord } from './cut.ts'
import { failureHeaders, fitting, HEADER_OVERHEAD } from './dead-letter-headers.ts'
import { headersFor } from './wire/index.ts'

/** Of each record: its length, offset, timestamp and the lengths of its parts. */
const RECORD_OVERHEAD = 40

/** An outgoing message as a record for a topic. `encode` makes bytes of a value that is none, and may add headers. */
export function placeRecord(
  outgoing: Outgoing,
  source: Source,
  topic: string,
  encode: (value: unknown) => Encoded
): PlacedRecord {
  const value = outgoing.value
  const encoded = value === null || value instanceof Uint8Array ? undefined : encode(value)
  const bytes = encoded === undefined ? (value as Uint8Array | null) : encoded.bytes
  const key = encoded?.key ?? keyBytes(outgoing.key)
  const given: Headers = (outgoing.headers ?? []).map(([name, one]) => [
    name,
    typeof one === 'string' ? Buffer.from(one) : one
  ])
  const own = encoded === undefined || encoded.headers.length === 0 ? given : [...given, ...encoded.headers]
  const added = source.failure === undefined ? [] : failureHeaders(source, source.failure)
  const bare = RECORD_OVERHEAD + (bytes?.length ?? 0) + (key?.length ?? 0) + sizeOf(own)
  return {
    target: topic,
    bytes: bare + sizeOf(added),
    extraBytes: bytes === null || bytes === source.message.bytes ? 0 : bytes.length,
    record: recordOf(key, bytes, added.length === 0 ? own : [...own, ...added]),
    partition: outgoing.partition,
    lane: source.partition,
    written: false,
    ...(added.length > 0 && { shrink: shrinker(added, bare, (kept) => recordOf(key, bytes, [...own, ...kept])) })
  }
}

/** Another value and other headers under the same key, in the same place. */
export function replaceRecord(placed: PlacedRecord, value: Uint8Array, headers: Headers): void {
  const key = placed.record.key as Uint8Array | null
  placed.record = recordOf(key, value, headers)
  placed.bytes = RECORD_OVERHEAD + value.length + (key?.length ?? 0) + sizeOf(headers)
}

function recordOf(key: Uint8Array | null, value: Uint8Array | null, headers: Headers): PlacedRecord['record'] {
  return {
    key: key as Buffer | null,
    value: value as Buffer | null,
    ...(headers.length > 0 && { headers: headersFor(headers) })
  }
}

/** What is added to a dead letter gives way to the original: first to the topic's limit, then to the least there is. */
function shrinker(
  added: Headers,
  bare: number,
  recordWith: (kept: Headers) => PlacedRecord['record']
): NonNullable<PlacedRecord['shrink']> {
  let kept = added
  return (placed, limit) => {
    const before = kept.length
    for (const room of [limit - BATCH_OVERHEAD - bare, 0]) {
      if (kept.length === before) kept = fitting(added, room)
    }
    placed.record = recordWith(kept)
    placed.bytes = bare + sizeOf(kept)
    return kept.length < before
  }
}

function sizeOf(headers: Headers): number {
  let size = 0
  for (const [name, value] of headers) size += name.length + (value?.length ?? 0) + HEADER_OVERHEAD
  return size
}

function keyBytes(key: Outgoing['key']): Uint8Array | null {
  if (key === undefined || key === null) return null
  return typeof key === 'string' ? Buffer.from(key) : key
}

/** Kafka's own rule for names of topics. */
export function checkTopic(topic: string): string {
  if (/^[\w.-]{1,249}$/.test(topic) && topic !== '.' && topic !== '..') return topic
  throw new AlertStreamsError('SINK_REJECTED', `"${topic}" is no name for a Kafka topic`, {
    remedy: 'A name has letters, digits, dots, dashes and underscores, at most 249.'
  })
}
