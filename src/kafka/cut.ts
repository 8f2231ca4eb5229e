import type { Message as RawMessage } from 'kafkajs'
import type { Placed } from '../contract/sink.ts'

/** A message on its way to Kafka. */
export interface PlacedRecord extends Placed {
  bytes: number
  record: RawMessage
  /** Decided once, at the first write, and kept over retries. */
  partition: number | undefined
  /** Messages without a key that must stay in one partition: those of one source partition. */
  readonly lane: string | undefined
  /** Already with the broker, from a write that failed later on. */
  written: boolean
  /** Why it can never be taken, once that is known. */
  refused?: string
  /** Of a dead letter that was too large: takes away some of what was added to the original; false: nothing is left. */
  readonly shrink?: (placed: PlacedRecord, limit: number) => boolean
}

/** Of a record batch: its header, and what a record costs beside its bytes. */
export const BATCH_OVERHEAD = 100

/**
 * Cuts a write into sends, none of which brings one partition more than the topic's limit: kafkajs makes one record
 * batch of all that goes to one partition in one send. Order within a partition is kept. A record beyond the limit goes
 * alone: when the broker refuses it, what other partitions have taken in the same send would be written once more.
 */
export function cut(records: readonly PlacedRecord[], limit: number): PlacedRecord[][] {
  const sends: PlacedRecord[][] = []
  const used = new Map<number, { send: number; bytes: number }>()
  let first = 0
  for (const record of records) {
    if (BATCH_OVERHEAD + record.bytes > limit) {
      first = sends.push([record])
      used.clear()
      continue
    }
    const partition = record.partition!
    const at = used.get(partition) ?? { send: first, bytes: BATCH_OVERHEAD }
    if (at.bytes + record.bytes > limit) {
      at.send++
      at.bytes = BATCH_OVERHEAD
    }
    at.bytes += record.bytes
    used.set(partition, at)
    sends[at.send] ??= []
    sends[at.send]!.push(record)
  }
  return sends
}
