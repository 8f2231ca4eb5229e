import type { PlacedRecord } from './cut.ts'
import { kafkajs } from './wire/index.ts'

const byKey = kafkajs.Partitioners.DefaultPartitioner()

/**
 * By the key, as Java clients place it. Without one, all of one source partition goes to one partition, so that its
 * order is kept; what has no order at all goes, a write at a time, to each in turn.
 */
export function choosePartition({ record, lane }: PlacedRecord, count: number, turn: number): number {
  if (count === 1) return 0
  const { key } = record
  if (key !== null && key !== undefined) return keyed(key, count)
  if (lane === undefined) return turn % count
  const number = /\/(\d+)$/.exec(lane)
  return number ? Number(number[1]) % count : keyed(lane, count)
}

function keyed(key: Buffer | string, count: number): number {
  const partitionMetadata = Array.from({ length: count }, (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 0,
    replicas: [],
    isr: []
  }))
  return byKey({ topic: '', partitionMetadata, message: { key, value: null } })
}
