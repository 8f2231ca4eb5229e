import { expect } from 'vitest'
import type { Headers, Message } from '../../src/contract/alert.ts'
import { type Check, idsOf, lanesOf, numbered, numberOf, type StreamPromises } from './stream-bench.ts'

const text = (value: string) => new TextEncoder().encode(value)

/** Bytes that no text encoding and no trimming survives. */
const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, i) => 255 - i)

/** Messages arrive as they were published. */
export function contentTests(promises: StreamPromises, check: Check): void {
  if (promises.keepsBytes ?? true) byteTests(promises, check)

  check('ids are unique', async ({ stage, read }) => {
    await stage.publish(numbered(50, ['a', 'b', 'c']))
    const deliveries = await (await read()).take(50)
    expect(new Set(idsOf(deliveries)).size).toBe(50)
    expect(deliveries.map(numberOf).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i))
  })

  if (promises.ordered) {
    check('within a partition messages come in the order of publishing', async ({ stage, read }) => {
      await stage.publish(numbered(100, ['a', 'b', 'c', 'd']))
      const deliveries = await (await read()).take(100)
      expect(deliveries.every((delivery) => delivery.partition !== undefined)).toBe(true)
      for (const lane of lanesOf(deliveries)) {
        const numbers = lane.map(numberOf)
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
      }
    })
  }

  if (promises.ends) {
    check('read ends behind the last message', async ({ stage, read }) => {
      await stage.publish(numbered(5))
      const reading = await read()
      reading.ack(await reading.take(5))
      await reading.end()
      expect(reading.deliveries).toHaveLength(5)
    })
  }
}

function byteTests(promises: StreamPromises, check: Check): void {
  const key = promises.keepsKey === 'bytes' ? EVERY_BYTE : text('schlüssel')
  const headers = promises.keepsHeaders === 'all' ? ALL_HEADERS : TEXT_HEADERS

  check('bytes, key and headers arrive unchanged', async ({ stage, read }) => {
    await stage.publish([{ key, headers, bytes: EVERY_BYTE }])
    const [delivery] = await (await read()).take(1)
    const { message } = delivery!
    expect(plain(message.bytes)).toEqual(plain(EVERY_BYTE))
    if (promises.keepsKey !== 'no') expect(plain(message.key)).toEqual(plain(key))
    if (promises.keepsHeaders === 'all') expect(plainHeaders(message.headers)).toEqual(plainHeaders(headers))
    if (promises.keepsHeaders === 'text') {
      expect(plainHeaders(message.headers)).toEqual(expect.arrayContaining(plainHeaders(headers)))
    }
    expect(message.topic).not.toBe('')
    expect(message.size).toBeGreaterThanOrEqual(EVERY_BYTE.length)
  })

  check('an empty value arrives empty', async ({ stage, read }) => {
    await stage.publish([{ key: null, headers: TEXT_HEADERS, bytes: new Uint8Array() }])
    const [delivery] = await (await read()).take(1)
    expect(plain(delivery!.message.bytes)).toEqual([])
  })

  if (promises.keepsNull) {
    check('a message without value and key arrives with null for both', async ({ stage, read }) => {
      await stage.publish([{ key: null, headers: [], bytes: null }])
      const [delivery] = await (await read()).take(1)
      expect(delivery!.message).toMatchObject({ key: null, bytes: null, headers: [] })
    })
  }

  check('a large message arrives whole', async ({ stage, read }) => {
    const bytes = Uint8Array.from({ length: 500_000 }, (_, i) => (i * 31 + (i >> 8)) & 255)
    await stage.publish([{ key: null, headers: TEXT_HEADERS, bytes }])
    const [delivery] = await (await read()).take(1)
    expect(Buffer.compare(delivery!.message.bytes ?? new Uint8Array(), bytes)).toBe(0)
  })
}

const TEXT_HEADERS: Headers = [
  ['one', text('1')],
  ['zwei', text('zwei ü')]
]

const ALL_HEADERS: Headers = [
  ['repeated', text('first')],
  ['_id', EVERY_BYTE.slice(0, 16)],
  ['nothing', null],
  ['repeated', text('second')],
  ['empty', new Uint8Array()]
]

function plain(bytes: Message['bytes']): readonly number[] | null {
  return bytes && [...bytes]
}

function plainHeaders(headers: Headers): unknown[] {
  return headers.map(([name, value]) => [name, plain(value)])
}
