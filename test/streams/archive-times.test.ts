import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lineOf } from '../../src/archive/message-line.ts'
import type { Clock } from '../../src/archive/pace.ts'
import { time } from '../../src/archive/span.ts'
import { ArchiveAlertStream } from '../../src/streams/archive.ts'
import { Archive, idsOf, textsOf } from '../archive/replay.ts'
import { sourceOf } from '../contract/sink-bench.ts'
import { archiveOptions } from '../harnesses/archive.ts'

const at = (written: string) => new Date(written)
const line = (publishedAt: Date | undefined, text = 'x') =>
  lineOf(sourceOf({ publishedAt }), { key: null, headers: [], bytes: Buffer.from(text) })

/** Time passes only while somebody waits. */
class TestClock implements Clock {
  readonly waits: number[] = []
  #now: number

  constructor(now: string) {
    this.#now = Date.parse(now)
  }

  now(): number {
    return this.#now
  }

  async wait(milliseconds: number): Promise<void> {
    this.waits.push(milliseconds)
    this.#now += milliseconds
  }
}

describe('ArchiveAlertStream', () => {
  let archive: Archive
  beforeEach(() => {
    archive = new Archive()
  })
  afterEach(() => archive.remove())

  const changed = (path: string, when: string) => utimesSync(path, at(when), at(when))
  const given = (written: string | number) => {
    const read = time('').read(written)
    if ('problem' in read) throw new Error(read.problem)
    return read.value
  }

  describe('SINCE and UNTIL', () => {
    test("go by the message's own time", async () => {
      const times = ['2025-03-01T23:59:59.999Z', '2025-03-02T00:00:00Z', '2025-03-02T11:59:59Z', '2025-03-02T12:00:00Z']
      // The name and the file say other nights.
      changed(archive.write('20240101.ndjson', times.map((one) => line(at(one), one)).join('')), '2023-01-01')
      const { messages } = await archive.replay({ SINCE: given('2025-03-02'), UNTIL: given('2025-03-02T12:00:00') })
      expect(textsOf(messages)).toEqual(times.slice(1, 3))
    })

    test('else by the night that the file, or the nearest folder, names', async () => {
      archive.write('20250301/a.json', '{}')
      archive.write('20250302/b.json', '{}')
      archive.write('20250302/ztf_20250303_public.json', '{}')
      archive.write('20250302/c.ndjson', `${line(undefined)}not a message\n`)
      const { messages } = await archive.replay({ SINCE: given(20250302), UNTIL: given('2025-03-03') })
      expect(idsOf(messages)).toEqual(['20250302/b.json', '20250302/c.ndjson#1', '20250302/c.ndjson#2'])
      // A part of the night is enough: nobody knows when in it the alert was.
      expect(idsOf((await archive.replay({ SINCE: given('2025-03-03T20:00Z') })).messages)).toEqual([
        '20250302/ztf_20250303_public.json'
      ])
    })

    test('else by when the file was changed; numbers in names that are no night do not count', async () => {
      changed(archive.write('472263571115115000.json', '{}'), '2025-03-02T10:00:00Z')
      changed(archive.write('20251399.json', '{}'), '2025-03-02T10:00:00Z')
      changed(archive.write('20250230.json', '{}'), '2025-03-02T10:00:00Z')
      const range = { SINCE: given('2025-03-02T10:00:00Z'), UNTIL: given('2025-03-02T10:00:01Z') }
      const { messages } = await archive.replay(range)
      expect(messages).toHaveLength(3)
      expect(messages.map(({ publishedAt }) => publishedAt)).toEqual(Array(3).fill(at('2025-03-02T10:00:00Z')))
      expect((await archive.replay({ UNTIL: range.SINCE })).messages).toEqual([])
    })

    test('hours back are counted from the start of the run', async () => {
      archive.write('a.ndjson', line(at('2025-03-02T05:59:00Z'), 'early') + line(at('2025-03-02T06:00:00Z'), 'late'))
      const { messages } = await archive.replay(
        { SINCE: given('-6h') },
        { clock: new TestClock('2025-03-02T12:00:00Z') }
      )
      expect(textsOf(messages)).toEqual(['late'])
    })

    test('what is no time, or no range, is refused', () => {
      for (const word of ['yesterday', '2025', '6h', 'LATEST', '2025-13-01']) expect(time('').read(word)).toHaveProperty('problem') // biome-ignore format: one line
      const range = { SINCE: given('2025-03-02'), UNTIL: given('2025-03-01') }
      expect(() => ArchiveAlertStream.reads(archiveOptions(range))).toThrow('UNTIL is not after SINCE')
    })
  })

  describe('SPEED', () => {
    const times = ['2025-03-02T00:00:00Z', '2025-03-02T00:00:10Z', '2025-03-02T00:00:10Z', '2025-03-02T01:00:00Z']

    test.for([
      ['original', 1],
      ['10x', 10],
      ['0.5', 0.5]
    ] as const)('%s keeps the gaps between messages', async ([word, factor]) => {
      archive.write('a.ndjson', times.map((one) => line(at(one))).join(''))
      const clock = new TestClock('2026-01-01')
      const read = ArchiveAlertStream.fields.SPEED.read(word)
      const SPEED = 'value' in read ? read.value : undefined
      expect((await archive.replay({ SPEED }, { clock })).messages).toHaveLength(4)
      expect(clock.waits).toEqual([10_000 / factor, 3_590_000 / factor])
    })

    test('max does not wait, and what was published before the first does not either', async () => {
      archive.write('a.ndjson', times.toReversed().map((one) => line(at(one))).join('')) // biome-ignore format: one line
      for (const SPEED of [Number.POSITIVE_INFINITY, undefined, 1]) {
        const clock = new TestClock('2026-01-01')
        expect((await archive.replay({ SPEED }, { clock })).messages).toHaveLength(4)
        expect(clock.waits).toEqual([])
      }
    })

    test('a wait ends when the stream is stopped', async () => {
      archive.write('a.ndjson', times.map((one) => line(at(one))).join(''))
      const { streamSetup } = await import('../contract/stream-bench.ts')
      const stream = new ArchiveAlertStream(archiveOptions({ PATH: [archive.folder], SPEED: 1 }), streamSetup())
      const stop = new AbortController()
      await stream.connect(stop.signal)
      let count = 0
      for await (const batch of stream.read(stop.signal)) {
        count += batch.length
        setTimeout(() => stop.abort(), 50)
      }
      expect(count).toBe(1)
    })

    test('and RATE exclude each other; other words are refused', () => {
      expect(() => ArchiveAlertStream.reads(archiveOptions({ SPEED: 2, RATE: 5 }))).toThrow(/^RATE/)
      for (const word of ['fast', '0', '-1x', 'x']) expect(ArchiveAlertStream.fields.SPEED.read(word)).toHaveProperty('problem') // biome-ignore format: one line
    })
  })

  test('several paths are read in their order, and a file that two stand for once', async () => {
    archive.write('one/b.json', '{}')
    archive.write('one/a.json', '{}')
    archive.write('two/c.json', '{}')
    const { messages } = await archive.replay({
      PATH: ['two', 'one', 'one/*.json', join(archive.folder, 'two/c.json')]
    })
    expect(messages.map(({ id, topic }) => [id, topic])).toEqual([
      ['two/c.json', 'two'],
      ['one/a.json', 'one'],
      ['one/b.json', 'one']
    ])
  })
})
