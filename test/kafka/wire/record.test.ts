import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { headersOf, kafkajs, patchKafkajs } from '../../../src/kafka/wire/index.ts'
import type { ProducerMessage } from '../../../src/kafka/wire/record.ts'
import type { DecodedRecord } from '../../../src/kafka/wire/record-decoder.ts'
import { pristine } from './pristine.ts'
import { encodeMessages, readMessages } from './round-trip.ts'

patchKafkajs()
const { None, GZIP, Snappy, LZ4, ZSTD } = kafkajs.CompressionTypes

const bytes = fc.option(fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)))
const message = fc.record({
  key: bytes,
  value: bytes,
  headers: fc.array(fc.tuple(fc.constantFrom('_id', 'b', 'a', '', '1', '__proto__', 'größe'), bytes), { maxLength: 6 }),
  timestamp: fc.integer({ min: 0, max: 2 ** 42 }).map(String)
})

describe.each([
  ['none', None],
  ['gzip', GZIP],
  ['snappy', Snappy],
  ['lz4', LZ4],
  ['zstd', ZSTD]
])('records, compression %s', (_, compression) => {
  test('are read as they were written: order, repeats and null of headers, null and empty keys and values', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 40 }), async (messages) => {
        const read = await readMessages(await encodeMessages(messages, compression))
        expect(read.map(({ key, value, headers, timestamp }) => ({ key, value, headers, timestamp }))).toEqual(messages)
        expect(read.map(({ offset }) => offset)).toEqual(messages.map((_, index) => String(index)))
      }),
      { numRuns: 40 }
    )
  })

  test('of several megabytes', async () => {
    const values = [randomBytes(3_000_000), Buffer.alloc(3_000_000), randomBytes(1)]
    const read = await readMessages(
      await encodeMessages(
        values.map((value) => ({ value })),
        compression
      )
    )
    expect(read.map(({ value }, index) => value?.equals(values[index]!))).toEqual([true, true, true])
  })
})

describe('records', () => {
  test('are decoded as kafkajs does, but for the headers', async () => {
    const messages: ProducerMessage[] = Array.from({ length: 50 }, (_, index) => ({
      key: `k${index}`,
      value: randomBytes(index * 20),
      headers: index % 2 ? { a: 'x', b: ['y', 'z'] } : {},
      timestamp: 1_780_000_000_000 + index * 40_000_000 * (index % 3)
    }))
    const records = await encodeMessages(messages, None)
    const theirs = await readMessages(records, pristine('protocol/requests/fetch/v4/decodeMessages.js'))
    const ours = await readMessages(records)
    const headless = (list: readonly DecodedRecord[]) => list.map(({ headers, ...rest }) => rest)
    expect(headless(ours)).toEqual(headless(theirs))
    expect(theirs[1]?.headers).toEqual({ a: Buffer.from('x'), b: [Buffer.from('y'), Buffer.from('z')] })
    expect(ours[1]?.headers).toEqual(['ax', 'by', 'bz'].map(([name, value]) => [name, Buffer.from(value!)]))
  })

  test('have values that are views of the fetched bytes', async () => {
    const records = await encodeMessages([{ value: randomBytes(10_000) }], None)
    expect((await readMessages(records))[0]?.value?.buffer).toBe(records.buffer)
  })

  test('keep timestamps and offsets exact beyond the safe integers', async () => {
    const records = await encodeMessages([{ value: 'a' }, { value: 'b' }], None)
    records.writeBigInt64BE(2n ** 60n, 4)
    expect((await readMessages(records)).map(({ offset }) => offset)).toEqual([
      String(2n ** 60n),
      String(2n ** 60n + 1n)
    ])
  })

  test('that are cut off within are refused', async () => {
    const records = await encodeMessages([{ value: 'abcdef' }], None)
    records[records.length - 8] = 40 // the length of the value
    await expect(readMessages(records)).rejects.toThrow('A Kafka record is cut off')
  })

  test('of an unchanged kafkajs give what its object of headers still tells', () => {
    const headers = { a: Buffer.from('1'), b: [Buffer.from('2'), '3'], c: undefined }
    expect(headersOf({ headers })).toEqual([
      ['a', Buffer.from('1')],
      ['b', Buffer.from('2')],
      ['b', Buffer.from('3')],
      ['c', null]
    ])
    expect(headersOf({})).toEqual([])
  })
})
