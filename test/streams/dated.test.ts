import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { bestKey, isGlob } from '../../src/contract/topics.ts'
import { type Life, live, newGroup, numbered, numberOf, numbersOf, upTo } from '../kafka/life.ts'
import { committed, createTopic, describeKafka, produce, withAdmin } from '../setup/services.ts'

describe('a key with a date', () => {
  const keys = ['stamp_*', 'stamp_{YYYYMMDD}', '*', 'lc_{YYYY-MM-DD}', 'ztf_{YYYYMMDD}_programid1']

  test.each([
    ['stamp_20261122', 'stamp_{YYYYMMDD}'],
    ['ztf_20261122_programid1', 'ztf_{YYYYMMDD}_programid1'],
    ['lc_2026-11-22', 'lc_{YYYY-MM-DD}'],
    ['stamp_2026112', 'stamp_*'],
    ['stamp_2026-11-22', 'stamp_*'],
    ['stamp_20261122x', 'stamp_*'],
    ['lc_20261122', '*'],
    ['stamp_{YYYYMMDD}', 'stamp_{YYYYMMDD}']
  ])('%s belongs to %s', (topic, key) => {
    expect(bestKey(topic, keys)).toBe(key)
  })

  test('stands for more than itself', () => {
    expect(isGlob('stamp_{YYYYMMDD}')).toBe(true)
    expect(isGlob('{YYYY-MM-DD}')).toBe(true)
    expect(isGlob('stamp_{date}')).toBe(false)
  })
})

/** A family of topics, and a clock for the streams that read it. */
function observatory() {
  const name = `nights-${randomBytes(4).toString('hex')}`
  let now = 0
  return {
    name,
    key: `${name}_{YYYYMMDD}`,
    now: () => now,
    /** UTC. */
    itIs: (time: string) => {
      now = Date.parse(`${time}Z`)
    },
    topic: (date: string) => `${name}_${date}`,
    async begin(date: string, from: number, to: number) {
      const topic = `${name}_${date}`
      await createTopic(topic, 2)
      await produce(topic, numbered(from, to, 2))
      return topic
    }
  }
}

const textsOf = ({ log }: Life, ...levels: readonly string[]) =>
  log.lines.filter(({ level }) => levels.includes(level)).map(({ text }) => text)
const done = (life: Life, topic: string) =>
  textsOf(life, 'info').some((text) => text.startsWith('done with: ') && text.includes(topic))
const sum = (offsets: readonly bigint[]) => Number(offsets.reduce((sum, one) => sum + one, 0n))
/** Longer than the streams here take to look for topics, twice. */
const LOOKED = 1000

describeKafka('nights', () => {
  test('follow each other: the second is late, the third never comes, and nothing is missed or hangs', {
    timeout: 90_000
  }, async () => {
    const { key, now, itIs, begin, topic } = observatory()
    const groupId = newGroup()
    itIs('2026-11-20T22:00')
    const first = await begin('20261120', 0, 10)
    const life = await live([key], { groupId, nights: 2, now })
    const { reading } = life
    const evening = await reading.take(10)
    reading.ack(evening.slice(0, 6))

    itIs('2026-11-21T01:00')
    await produce(first, numbered(10, 14, 2))
    expect(numbersOf(await reading.take(4))).toEqual([10, 11, 12, 13])

    itIs('2026-11-21T23:30')
    await pause(LOOKED)
    const second = await begin('20261121', 20, 30)
    expect(numbersOf(await reading.take(10))).toEqual(upTo(10).map((n) => n + 20))
    reading.ack(reading.deliveries.slice(14))

    itIs('2026-11-22T20:00')
    await pause(LOOKED)
    expect(done(life, first)).toBe(false)
    await produce(first, numbered(14, 16, 2))
    expect(numbersOf(await reading.take(2))).toEqual([14, 15])
    reading.ack([...evening.slice(6), ...reading.deliveries.slice(10, 14), ...reading.deliveries.slice(24)])
    await vi.waitFor(() => expect(done(life, first)).toBe(true), 10_000)
    expect(sum(await committed(groupId, first))).toBe(16)
    await produce(first, numbered(16, 18, 2))
    expect(numbersOf(await reading.take(2)), 'what comes late is read all the same').toEqual([16, 17])
    reading.ack(reading.deliveries.slice(26))
    await produce(second, numbered(30, 34, 2))
    expect(numbersOf(await reading.take(4))).toEqual([30, 31, 32, 33])
    reading.ack(reading.deliveries.slice(28))

    itIs('2026-11-24T05:00')
    await pause(LOOKED)
    expect(done(life, second), 'the last night stays until there is another').toBe(false)
    await produce(second, numbered(34, 36, 2))
    expect(numbersOf(await reading.take(2))).toEqual([34, 35])
    reading.ack(reading.deliveries.slice(32))
    await begin('20261124', 50, 60)
    expect(numbersOf(await reading.take(10))).toEqual(upTo(10).map((n) => n + 50))
    reading.ack(reading.deliveries.slice(34))
    await vi.waitFor(() => expect(done(life, second)).toBe(true), 10_000)

    expect(numbersOf(reading.deliveries)).toEqual([
      ...upTo(18),
      ...upTo(16).map((n) => n + 20),
      ...upTo(10).map((n) => n + 50)
    ])
    expect(textsOf(life, 'warn', 'error')).toEqual([])
    expect(life.events.filter(({ kind }) => kind === 'gap' || kind === 'waiting')).toEqual([])
    expect(textsOf(life, 'info').join()).not.toContain(topic('20261122'))
  })

  test.each(['earliest', 'latest'] as const)(
    'that passed while the group was away are read when it comes back (START_POSITION %s)',
    { timeout: 60_000 },
    async (at) => {
      const { key, now, itIs, begin } = observatory()
      const groupId = newGroup()
      itIs('2026-11-20T06:00')
      await begin('20261118', 900, 910)
      const first = await begin('20261120', 0, 0)
      const before = await live([key], { groupId, nights: 1, now, start: { at } })
      await vi.waitFor(async () => expect(await committed(groupId, first)).toEqual([0n, 0n]), 10_000)
      await produce(first, numbered(0, 10, 2))
      before.reading.ack((await before.reading.take(10)).filter((delivery) => numberOf(delivery) < 4))
      await before.reading.close()

      await begin('20261121', 20, 26)
      await begin('20261122', 30, 36)
      itIs('2026-11-24T08:00')
      await begin('20261124', 40, 46)
      const after = await live([key], { groupId, nights: 1, now, start: { at } })
      const missed = [...upTo(6).map((n) => n + 4), ...[20, 30, 40].flatMap((from) => upTo(6).map((n) => n + from))]
      after.reading.ack(await after.reading.take(24))
      expect(numbersOf(after.reading.deliveries)).toEqual(missed)
      await vi.waitFor(() => expect(textsOf(after, 'info').join()).toMatch(/done with: .*20261120/), 10_000)
      await after.reading.close()

      const again = await live([key], { groupId, nights: 1, now, start: { at } })
      expect(await again.reading.rest(1500)).toEqual([])
      const stranger = await live([key], { groupId: newGroup(), nights: 3, now })
      expect(numbersOf(await stranger.reading.take(12))).toEqual(
        [30, 40].flatMap((from) => upTo(6).map((n) => n + from))
      )
      expect(await stranger.reading.rest(500)).toEqual([])
    }
  )

  test('may be named after their morning, and with dashes', async () => {
    const { name, now, itIs, begin } = observatory()
    itIs('2026-11-20T22:00')
    await begin('2026-11-21', 0, 4)
    await begin('2026-11-23', 10, 14)
    await begin('20261120', 20, 24)
    const { reading } = await live([`${name}_{YYYY-MM-DD}`], { groupId: newGroup(), nights: 2, now })
    expect(numbersOf(await reading.take(4))).toEqual(upTo(4))
    expect(await reading.rest(LOOKED)).toEqual([])
  })

  test('are divided among members, who need not notice them at the same time', { timeout: 60_000 }, async () => {
    const { key, now, itIs, begin } = observatory()
    const groupId = newGroup()
    const looks = [200, 1500].map((ms) => ({ again: ms, forNew: ms }))
    itIs('2026-11-20T22:00')
    await begin('20261120', 0, 20)
    const lives = await Promise.all(looks.map((look) => live([key], { groupId, nights: 1, now, look })))
    const seen = () => numbersOf(lives.flatMap(({ reading }) => reading.deliveries))
    const acknowledged = new Set<unknown>()
    const acknowledge = () => {
      for (const { reading } of lives)
        for (const delivery of reading.deliveries) {
          if (!acknowledged.has(delivery)) reading.ack([delivery])
          acknowledged.add(delivery)
        }
    }
    const all = async (...expected: readonly number[]) => {
      const found = () => {
        acknowledge()
        expect([...new Set(seen())]).toEqual(expected)
      }
      await vi.waitFor(found, { timeout: 30_000, interval: 50 })
    }
    await all(...upTo(20))
    itIs('2026-11-21T22:00')
    await begin('20261121', 20, 40)
    await all(...upTo(40))
    itIs('2026-11-22T22:00')
    await begin('20261122', 40, 60)
    await all(...upTo(60))
    for (const life of lives)
      await vi.waitFor(() => expect(textsOf(life, 'info').join()).toMatch(/done with: .*1120/), 10_000)
    expect(lives.flatMap((life) => textsOf(life, 'warn', 'error'))).toEqual([])
  })

  test('that the broker deletes while they are followed are let go of', { timeout: 60_000 }, async () => {
    const { key, now, itIs, begin } = observatory()
    const groupId = newGroup()
    itIs('2026-11-21T22:00')
    const first = await begin('20261120', 0, 6)
    const second = await begin('20261121', 10, 16)
    const open = () => live([key], { groupId, now })
    const lives = [await open()]
    lives[0]!.reading.ack(await lives[0]!.reading.take(12))
    await vi.waitFor(async () => expect(sum(await committed(groupId, first))).toBe(6), 10_000)
    await withAdmin((admin) => admin.deleteTopics({ topics: [first] }))
    await produce(second, numbered(16, 20, 2))
    const found = async () => {
      const last = lives.at(-1)!
      if (last.reading.isOver) {
        await last.reading.close().catch(() => {})
        lives.push(await open())
      }
      const numbers = lives.flatMap(({ reading }) => reading.deliveries.map(numberOf))
      expect(new Set(numbers)).toEqual(new Set([...upTo(6), ...upTo(10).map((n) => n + 10)]))
    }
    await vi.waitFor(found, { timeout: 40_000, interval: 200 })
  })
})
