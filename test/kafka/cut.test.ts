import { expect, test } from 'vitest'
import { BATCH_OVERHEAD, cut, type PlacedRecord } from '../../src/kafka/cut.ts'

const LIMIT = 1000

function record(partition: number, bytes: number): PlacedRecord {
  return { target: 't', extraBytes: 0, bytes, record: { value: null }, partition, lane: undefined, written: false }
}

test('no send brings a partition more than the limit, and each keeps its order', () => {
  const records = Array.from({ length: 200 }, (_, i) => record(i % 3, 100 + ((i * 37) % 400)))
  const sends = cut(records, LIMIT)
  expect(sends.flat()).toHaveLength(records.length)
  for (const send of sends) {
    for (const partition of [0, 1, 2]) {
      const bytes = send.filter((one) => one.partition === partition).reduce((sum, one) => sum + one.bytes, 0)
      expect(bytes + BATCH_OVERHEAD).toBeLessThanOrEqual(LIMIT)
    }
  }
  for (const partition of [0, 1, 2]) {
    const of = (list: readonly PlacedRecord[]) => list.filter((one) => one.partition === partition)
    expect(of(sends.flat())).toEqual(of(records))
  }
})

test('a record beyond the limit is sent alone, in its place', () => {
  const records = [record(0, 10), record(1, 10), record(0, LIMIT), record(0, 10), record(1, 10)]
  const [before, alone, after] = cut(records, LIMIT)
  expect(before).toEqual(records.slice(0, 2))
  expect(alone).toEqual([records[2]])
  expect(after).toEqual(records.slice(3))
})
