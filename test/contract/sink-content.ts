import { expect } from 'vitest'
import type { Headers } from '../../src/contract/alert.ts'
import type { Outgoing } from '../../src/contract/sink.ts'
import { placed, type SinkCheck, type SinkPromises, type Written, writeAll } from './sink-bench.ts'

const text = (value: string) => new TextEncoder().encode(value)

/** Bytes that no text encoding and no trimming survives. */
const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, i) => 255 - i)

const HEADERS: Headers = [
  ['repeated', text('first')],
  ['_id', EVERY_BYTE.slice(0, 16)],
  ['nothing', null],
  ['repeated', text('second')],
  ['empty', new Uint8Array()]
]

/** What was written is there, and is what was given. */
export function sinkContentTests(promises: SinkPromises, check: SinkCheck): void {
  check('after write resolves the target has it, bytes untouched', async ({ stage, connect }) => {
    const { topic } = stage
    const sink = await connect()
    const batch = placed(sink, [{ topic, key: EVERY_BYTE, headers: HEADERS, value: EVERY_BYTE }])
    expect(await writeAll(sink, batch)).toEqual([])
    const [one, ...others] = await stage.written(topic)
    expect(others).toEqual([])
    expect(plain(one!.bytes)).toEqual(plain(EVERY_BYTE))
    if (promises.keepsKey) expect(plain(one!.key)).toEqual(plain(EVERY_BYTE))
    if (promises.keepsHeaders) expect(plainHeaders(one!)).toEqual(HEADERS.map(([n, v]) => [n, plain(v)]))
  })

  check('any other value is written as JSON, large integers with all digits, texts as UTF-8', async (bench) => {
    const { topic } = bench.stage
    const sink = await bench.connect()
    const value = { candid: 2982177112815010003n, candidate: { drb: 0.5, name: 'Ünï' }, list: [1, null] }
    const batch = placed(sink, [{ topic, key: 'schlüssel', headers: [['größe', 'ß']], value }])
    expect(await writeAll(sink, batch)).toEqual([])
    const [one] = await bench.stage.written(topic)
    const json = Buffer.from(one!.bytes ?? []).toString()
    expect(json).toContain('2982177112815010003')
    expect(JSON.parse(json)).toMatchObject({ candidate: { drb: 0.5, name: 'Ünï' }, list: [1, null] })
    if (promises.keepsKey) expect(plain(one!.key)).toEqual(plain(text('schlüssel')))
    if (promises.keepsHeaders) expect(plainHeaders(one!)).toEqual([['größe', plain(text('ß'))]])
  })

  check('an empty value stays empty', async ({ stage, connect }) => {
    const sink = await connect()
    await writeAll(sink, placed(sink, [{ topic: stage.topic, value: new Uint8Array() }]))
    expect((await stage.written(stage.topic)).map((one) => plain(one.bytes))).toEqual([[]])
  })

  if (promises.keepsNull) {
    check('null is written as a tombstone', async ({ stage, connect }) => {
      const sink = await connect()
      await writeAll(sink, placed(sink, [{ topic: stage.topic, key: 'gone', value: null }]))
      expect(await stage.written(stage.topic)).toMatchObject([{ bytes: null }])
    })
  }

  check('nothing is lost within one write and over several', async ({ stage, connect }) => {
    const sink = await connect()
    for (let first = 0; first < 100; first += 25) {
      expect(await writeAll(sink, placed(sink, numbered(stage.topic, first, 25)))).toEqual([])
    }
    const numbers = (await stage.written(stage.topic)).map(numberOf)
    const expected = Array.from({ length: 100 }, (_, i) => i)
    expect(promises.ordered ? numbers : numbers.toSorted((a, b) => a - b)).toEqual(expected)
  })

  check('place says what a message costs', async ({ stage, connect }) => {
    const sink = await connect()
    const [small, large] = placed(sink, [
      { topic: stage.topic, value: new Uint8Array(10) },
      { topic: stage.topic, value: new Uint8Array(10_000) }
    ])
    expect(small!.target).not.toBe('')
    expect(large!.bytes).toBeGreaterThanOrEqual(10_000)
    expect(large!.bytes).toBeGreaterThan(small!.bytes)
    expect(small!.extraBytes).toBeGreaterThanOrEqual(0)
  })
}

/** Numbered messages of one key. */
export function numbered(topic: string, first: number, count: number): readonly Outgoing[] {
  return Array.from({ length: count }, (_, i) => ({ topic, key: 'one', value: text(JSON.stringify(first + i)) }))
}

export function numberOf(written: Written): number {
  return Number(Buffer.from(written.bytes ?? []).toString())
}

function plain(bytes: Uint8Array | null): readonly number[] | null {
  return bytes && [...bytes]
}

function plainHeaders(written: Written): readonly unknown[] {
  return written.headers.map(([name, value]) => [name, plain(value)])
}
