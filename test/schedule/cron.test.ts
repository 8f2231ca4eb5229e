import { expect, test } from 'vitest'
import { CronSchedule } from '../../src/schedule/cron.ts'

const HOUR = 3600
const next = (schedule: CronSchedule, after: string) => {
  const window = schedule.next(new Date(after))
  return window && [window.opens.toISOString().slice(0, 16), window.closes.toISOString().slice(0, 16)]
}

test('a window is open from when cron says so for so long, its end not included', () => {
  const schedule = new CronSchedule('0 2 * * *', 10 * HOUR, 'UTC')
  const second = ['2026-03-02T02:00', '2026-03-02T12:00']
  expect(next(schedule, '2026-03-01T12:00:00Z')).toEqual(second)
  expect(next(schedule, '2026-03-02T01:59:59.999Z')).toEqual(second)
  expect(next(schedule, '2026-03-02T02:00:00Z')).toEqual(second)
  expect(next(schedule, '2026-03-02T11:59:59.999Z')).toEqual(second)
  expect(next(schedule, '2026-03-02T12:00:00Z')).toEqual(['2026-03-03T02:00', '2026-03-03T12:00'])
})

test('of two windows that touch the first is open to its last moment', () => {
  const schedule = new CronSchedule('0 * * * *', HOUR, 'UTC')
  expect(next(schedule, '2026-03-02T12:59:59.999Z')).toEqual(['2026-03-02T12:00', '2026-03-02T13:00'])
  expect(next(schedule, '2026-03-02T13:00:00Z')).toEqual(['2026-03-02T13:00', '2026-03-02T14:00'])
})

test('the time is that of a zone, on the days on which clocks are changed too', () => {
  const schedule = new CronSchedule('0 18 * * *', 24 * HOUR, 'America/Los_Angeles')
  expect(next(schedule, '2026-03-06T20:00:00Z')).toEqual(['2026-03-06T02:00', '2026-03-07T02:00'])
  // Sunday, 8 March has 23 hours, and 1 November 25: an hour of rest.
  expect(next(schedule, '2026-03-08T20:00:00Z')).toEqual(['2026-03-08T02:00', '2026-03-09T01:00'])
  expect(next(schedule, '2026-11-01T20:00:00Z')).toEqual(['2026-11-01T01:00', '2026-11-02T01:00'])
  expect(next(schedule, '2026-11-02T01:30:00Z')).toEqual(['2026-11-02T02:00', '2026-11-03T02:00'])
})

test('the shortest time between two openings is found, and what never comes', () => {
  const gap = (cron: string) => new CronSchedule(cron, 60, 'UTC').shortestGap(new Date('2026-01-01T00:00:00Z')) / HOUR
  expect(gap('0 2 * * *')).toBe(24)
  expect(gap('0 2 * * MON,WED,SUN')).toBe(24)
  expect(gap('30 */6 * * *')).toBe(6)
  expect(new CronSchedule('0 0 30 2 *', 60, 'UTC').next(new Date())).toBeUndefined()
})
