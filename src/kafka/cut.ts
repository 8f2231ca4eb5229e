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
  /** Of a dead letter that was too large: takes away some of what was added to the original; false: nothing is left. */
  readonly shrink?: (placed: PlacedRecord, limit: number) => boolean
}

/** Of a record batch: its header, and what a record costs beside its bytes. */
export const BATCH_OVERHEAD = 100

/**
 * Cuts a write into sends, none of which brings one partition more than the topic's limit: kafkajs makes one record
 * batch of all that goes to one partition in one send. Order within a partition is kept.
 */
export function cut(records: readonly PlacedRecord[], limit: number): PlacedRecord[][] {
  const sends: PlacedRecord[][] = []
  const used = new Map<number, { send: number; bytes: number }>()
  for (const record of records) {
    const partition = record.partition!
    const at = used.get(partition) ?? { send: 0, bytes: BATCH_OVERHEAD }
    if (at.bytes + record.bytes > limit && at.bytes > BATCH_OVERHEAD) {
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
