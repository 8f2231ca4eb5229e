import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sites } from '../../src/schedule/sites.ts'
import { SunSchedule } from '../../src/schedule/sun.ts'

interface Span {
  readonly site: string
  readonly place: readonly [latitude: number, longitude: number, elevation: number]
  readonly below: number
  readonly first: string
  readonly days: number
  readonly nights: readonly (readonly [opens: string, closes: string])[]
}

/** Nights by astropy: see sun_times.py. */
const spans: readonly Span[] = JSON.parse(readFileSync(join(import.meta.dirname, 'sun-times.json'), 'utf8'))
const DAY = 86_400_000
/** Milliseconds. Astropy's sunrise has the refraction at sea level; a slow sunrise takes it ill. */
const NEAR = 90_000

const scheduleOf = ({ place: [latitude, longitude, elevation], below }: Span) =>
  new SunSchedule(below, { latitude, longitude, elevation })

describe('nights by the sun', () => {
  test.for(spans)('$site below $below degrees from $first are those of astropy', (span) => {
    const schedule = scheduleOf(span)
    const end = Date.parse(span.first) + span.days * DAY
    let after = Date.parse(span.nights[0]![0]) - 3_600_000
    for (const [opens, closes] of span.nights) {
      const window = schedule.next(new Date(after))!
      const near = Math.abs(span.place[0]) > 60 ? 5 * NEAR : NEAR
      expect(Math.abs(window.opens.getTime() - Date.parse(opens)), `${opens} opens`).toBeLessThan(near)
      expect(Math.abs(window.closes.getTime() - Date.parse(closes)), `${closes} closes`).toBeLessThan(near)
      after = window.closes.getTime()
    }
    expect(schedule.next(new Date(after))!.opens.getTime()).toBeGreaterThan(end - DAY)
  })

  test('is open at any moment of a night, from its first to its last', () => {
    for (const span of spans) {
      const schedule = scheduleOf(span)
      for (const [first, last] of span.nights.slice(0, 3)) {
        const [opens, closes] = [Date.parse(first), Date.parse(last)]
        const window = schedule.next(new Date((opens + closes) / 2))!
        for (const moment of [window.opens.getTime(), opens + 2 * NEAR, (opens + 3 * closes) / 4, closes - 5 * NEAR]) {
          const found = schedule.next(new Date(moment))!
          expect(Math.abs(found.opens.getTime() - window.opens.getTime()), first).toBeLessThan(1000)
          expect(Math.abs(found.closes.getTime() - window.closes.getTime()), first).toBeLessThan(1000)
        }
        expect(schedule.next(window.closes)!.opens > window.closes, `${last} is over`).toBe(true)
      }
    }
  })

  test('stay away where the sun does not sink so low, and last where it does not rise', () => {
    const tartu = scheduleOf(spans.find(({ site }) => site === 'tartu')!)
    const summer = tartu.next(new Date('2026-06-10T00:00:00Z'))!
    expect(summer.opens > new Date('2026-07-15T00:00:00Z')).toBe(true)
    const svalbard = scheduleOf(spans.find(({ site }) => site === 'longyearbyen')!)
    const winter = svalbard.next(new Date('2026-12-21T12:00:00Z'))!
    expect(winter.opens < new Date('2026-11-10T00:00:00Z')).toBe(true)
    expect(winter.closes > new Date('2027-02-01T00:00:00Z')).toBe(true)
  })

  test('come once a year at the poles, and never if the sun never sinks so low', () => {
    const pole = { latitude: -90, longitude: 0, elevation: 2835 }
    const { opens, closes } = new SunSchedule(-12, pole).next(new Date('2026-06-21T00:00:00Z'))!
    expect([opens.toISOString().slice(0, 7), closes.toISOString().slice(0, 7)]).toEqual(['2026-04', '2026-09'])
    expect(new SunSchedule(-24, pole).next(new Date('2026-06-21T00:00:00Z'))).toBeUndefined()
    expect(new SunSchedule(-85, sites.palomar).next(new Date('2026-06-21T00:00:00Z'))).toBeUndefined()
  })
})
