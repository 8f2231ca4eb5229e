import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { codecOf } from '../../src/codecs/usual.ts'
import type { Message } from '../../src/contract/alert.ts'
import type { Codec } from '../../src/contract/codec.ts'
import { AlertStreamsError } from '../../src/contract/errors.ts'
import type { Handler } from '../../src/contract/handler.ts'
import type { Route } from '../../src/contract/route.ts'
import { Metrics } from '../../src/observe/metrics.ts'
import { CronSchedule } from '../../src/schedule/cron.ts'
import { MemoryApp, routeOf } from '../fakes/app.ts'
import { SimulatedClock } from '../fakes/clock.ts'
import { messageOf } from '../fakes/message.ts'
import { unavailable } from '../fakes/sink.ts'
import { soon } from '../fakes/soon.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** One stream that runs from 02:00 to 12:00 UTC, and a clock. */
function observatory(start: string, { call, ...over }: Partial<Route> & { call?: Handler } = {}) {
  const app = new MemoryApp()
  const clock = new SimulatedClock(start)
  app.clock = clock
  app.stateDir = mkdtempSync(join(tmpdir(), 'nights-'))
  folders.push(app.stateDir)
  const schedule = new CronSchedule('0 2 * * *', 10 * 3600, 'UTC')
  const source = app.stream('one', [routeOf(call, { deadLetter: 'dead', ...over })], { schedule })
  const state = () => app.account.stream('one').state
  const nights = join(app.stateDir, 'nights/one')
  return {
    app,
    clock,
    source,
    state,
    is: (wanted: string) => soon(() => expect(state()).toBe(wanted)),
    reports: () => readdirSync(nights).toSorted(),
    report: (file: string) => JSON.parse(readFileSync(join(nights, file), 'utf8'))
  }
}

describe('a stream with a SCHEDULE', () => {
  test('rests, is ready while it does, reads in its window, and drains when that closes', async () => {
    const gate = Promise.withResolvers<void>()
    const { app, clock, source, is, report } = observatory('2026-03-01T20:00:00Z', {
      call: (alert) => gate.promise.then(() => alert)
    })
    source.bring('alerts', 3)
    const ended = app.run()
    await is('resting')
    expect(app.account.stream('one').reason).toMatch(/opens at 2026-03-02T02:00Z, and closes at 2026-03-02T12:00Z/)
    await soon(() => expect(app.readiness).toEqual({ ready: true, reasons: [] }))
    expect(source.opened).toBe(0)
    clock.jump('2026-03-02T01:59:59Z')
    await pause(20)
    expect(source.opened).toBe(0)
    clock.jump('2026-03-02T02:00:00Z')
    await soon(() => expect(app.row()?.received).toBe(3))
    clock.jump('2026-03-02T12:00:00Z')
    await is('draining')
    expect(source.acked.size).toBe(0)
    source.bring('alerts', 2)
    gate.resolve()
    await is('resting')
    expect(source.acked.size).toBe(3)
    expect(source.current!.closed).toBe(1)
    expect(report('2026-03-02.json')).toMatchObject({ how: 'closed', total: { received: 3, delivered: 3 } })
    clock.jump('2026-03-03T05:00:00Z')
    await soon(() => expect(source.acked.size).toBe(5))
    app.stop.abort()
    expect(await ended).toEqual({ failed: false, abandoned: false })
    expect(report('2026-03-03.json')).toMatchObject({
      how: 'stopped',
      started: '2026-03-03T05:00:00.000Z',
      total: { received: 2, delivered: 2 }
    })
    expect(app.row()).toMatchObject({ received: 5, delivered: 5, inFlight: 0 })
  })

  test('begins at once in the middle of a window, and ends at a signal while it rests', async () => {
    const { app, clock, source, is, reports } = observatory('2026-03-02T11:00:00Z')
    const ended = app.run()
    await is('reading')
    clock.jump('2026-03-02T12:00:00Z')
    await is('resting')
    app.stop.abort()
    expect(await ended).toEqual({ failed: false, abandoned: false })
    expect(source.opened).toBe(1)
    expect(reports()).toEqual(['2026-03-02.json', '2026-03-02.md'])
  })

  test('whose window passed while the machine was asleep waits for the next', async () => {
    const { app, clock, source, is } = observatory('2026-03-01T20:00:00Z')
    const ended = app.run()
    await is('resting')
    clock.jump('2026-03-02T15:00:00Z')
    await soon(() => expect(app.account.stream('one').reason).toContain('2026-03-03T02:00Z'))
    expect(source.opened).toBe(0)
    app.stop.abort()
    await ended
  })

  test('whose clock was years ahead when it began keeps the hours of the right time', async () => {
    const { app, clock, source, is } = observatory('2030-01-01T20:00:00Z')
    const ended = app.run()
    await is('resting')
    clock.jump('2026-03-02T01:00:00Z')
    await soon(() => expect(app.account.stream('one').reason).toContain('2026-03-02T02:00Z'))
    clock.jump('2026-03-02T02:00:00Z')
    await is('reading')
    clock.jump('2026-03-02T12:00:00Z')
    await is('resting')
    // By a little: the window that is done does not come again.
    clock.jump('2026-03-02T11:50:00Z')
    await pause(20)
    expect(source.opened).toBe(1)
    app.stop.abort()
    await ended
  })

  test('whose clock is put back out of its window rests, and begins again in its time', async () => {
    const { app, clock, source, is, report } = observatory('2030-01-01T03:00:00Z')
    const ended = app.run()
    await is('reading')
    clock.jump('2030-01-01T02:30:00Z')
    await pause(20)
    expect(app.account.stream('one').state).toBe('reading')
    clock.jump('2026-03-02T01:00:00Z')
    await is('resting')
    expect(report('2030-01-01.json')).toMatchObject({ how: 'closed', balanced: true })
    clock.jump('2026-03-02T02:00:00Z')
    await is('reading')
    expect(source.opened).toBe(2)
    app.stop.abort()
    await ended
  })

  test('gives back what is not done DRAIN_SECONDS after its window has closed, and reads it again', async () => {
    const { app, clock, source, is, report } = observatory('2026-03-02T03:00:00Z')
    app.drainSeconds = 0.1
    app.sinks.out!.behave = () => {
      throw unavailable()
    }
    source.bring('alerts', 4)
    const ended = app.run()
    await soon(() => expect(app.row()?.received).toBe(4))
    clock.jump('2026-03-02T12:00:00Z')
    await is('resting')
    expect(report('2026-03-02.json').total).toMatchObject({ received: 4, givenBack: 4, inFlight: 0 })
    expect(app.log.texts('warn').join()).toContain('0.1 s after the window has closed')
    app.sinks.out!.behave = () => []
    clock.jump('2026-03-03T02:00:00Z')
    await soon(() => expect(source.acked.size).toBe(4))
    clock.jump('2026-03-03T12:00:00Z')
    await is('resting')
    app.stop.abort()
    expect(await ended).toEqual({ failed: false, abandoned: false })
    expect(report('2026-03-03.json').total).toMatchObject({ received: 4, delivered: 4 })
    expect(app.sinks.out!.ids()).toHaveLength(4)
    expect(app.account.mismatches()).toEqual([])
  })

  test('holds nothing of the budget for what was given back, whatever is fetched for it later', async () => {
    const fetched = Promise.withResolvers<void>()
    const slow: Codec = Object.assign(codecOf('json'), {
      prepare: (message: Message) => fetched.promise.then(() => ({ ...message, size: 100_000 }))
    })
    const { app, clock, source, is } = observatory('2026-03-02T03:00:00Z', { call: () => undefined, codec: () => slow })
    app.drainSeconds = 0.1
    source.bring('alerts', 1)
    const ended = app.run()
    await soon(() => expect(app.row()?.received).toBe(1))
    clock.jump('2026-03-02T12:00:00Z')
    await is('resting')
    expect(app.row()).toMatchObject({ givenBack: 1, inFlight: 0 })
    fetched.resolve()
    await pause(20)
    expect(app.app.streams[0]!.share.used).toBe(0)
    app.stop.abort()
    await ended
  })

  test('that cannot be made is said at the start, and not at night', async () => {
    const missing = () => {
      throw new AlertStreamsError('CONFIG_INVALID', 'the file of PASSWORD_FILE cannot be read')
    }
    const { app } = observatory('2026-03-01T20:00:00Z', { codec: missing })
    await expect(app.run()).rejects.toThrow('PASSWORD_FILE')
  })

  test('that fails for good is tried again in the next window', async () => {
    const { app, clock, source, is, report } = observatory('2026-03-02T03:00:00Z')
    source.refusals.push(new AlertStreamsError('CREDENTIALS_REFUSED', 'the password is wrong'))
    source.bring('alerts', 1)
    const ended = app.run()
    await is('failed')
    await soon(() =>
      expect(app.readiness.reasons.join()).toMatch(/the password is wrong; it is tried again when .*2026-03-03T02:00Z/)
    )
    expect(report('2026-03-02.json')).toMatchObject({ how: 'failed', reason: 'the password is wrong' })
    expect(source.opened).toBe(1)
    clock.jump('2026-03-03T02:00:00Z')
    await soon(() => expect(source.acked.size).toBe(1))
    app.stop.abort()
    expect(await ended).toEqual({ failed: false, abandoned: false })
  })

  test('fails the process where it failed in its last window', async () => {
    const { app, source, is } = observatory('2026-03-02T03:00:00Z')
    source.refusals.push(new AlertStreamsError('CREDENTIALS_REFUSED', 'the password is wrong'))
    const ended = app.run()
    await is('failed')
    app.stop.abort()
    expect(await ended).toEqual({ failed: true, abandoned: false })
  })

  test('whose source is exhausted rests until the next window', async () => {
    const { app, clock, source, is, report } = observatory('2026-03-02T03:00:00Z')
    source.bring('alerts', 2)
    source.end()
    const ended = app.run()
    await is('resting')
    expect(report('2026-03-02.json')).toMatchObject({ how: 'ended', ended: '2026-03-02T03:00:00.000Z' })
    clock.jump('2026-03-02T11:00:00Z')
    await pause(20)
    expect(source.opened).toBe(1)
    clock.jump('2026-03-03T03:00:00Z')
    await soon(() => expect(source.opened).toBe(2))
    app.stop.abort()
    await ended
  })
})

describe('the report of a night', () => {
  test('is of that night alone, and adds up', async () => {
    const { app, clock, source, is, report } = observatory('2026-03-02T02:00:00Z', {
      call: (alert) => {
        const number = Number(alert.offset)
        if (number % 5 === 0) throw new Error('not today')
        return number % 2 === 0 ? undefined : alert
      }
    })
    const take = async (from: number, count: number, lateness: number) => {
      const publishedAt = new Date(clock.now() - lateness * 1000)
      source.publish(...Array.from({ length: count }, (_, n) => messageOf(from + n, { publishedAt })))
      await soon(() => expect(source.acked.size).toBe(from + count))
    }
    const ended = app.run()
    await take(0, 10, 4)
    clock.jump('2026-03-02T02:30:00Z')
    await take(10, 30, 60)
    clock.jump('2026-03-02T12:00:00Z')
    await is('resting')
    expect(report('2026-03-02.json')).toEqual({
      stream: 'one',
      night: '2026-03-02',
      window: { opens: '2026-03-02T02:00:00.000Z', closes: '2026-03-02T12:00:00.000Z' },
      started: '2026-03-02T02:00:00.000Z',
      ended: '2026-03-02T12:00:00.000Z',
      how: 'closed',
      balanced: true,
      total: expect.objectContaining({ received: 40, delivered: 16, handled: 16, deadLettered: 8, inFlight: 0 }),
      topics: { alerts: expect.objectContaining({ received: 40, delivered: 16 }) },
      perMinute: { mean: 40 / 600, peak: 30 },
      latencies: {
        received: { count: 40, median: expect.closeTo(54, -1), p95: expect.closeTo(60, -1), max: 60 },
        delivered: { count: 16, median: expect.closeTo(54, -1), p95: expect.closeTo(60, -1), max: 60 }
      },
      deadLetters: { HANDLER_FAILED: 8 },
      gaps: { missed: {}, longestSilence: 9.5 * 3600, heartbeatsMissed: 0 },
      source: { connects: 1, waits: 0, stalls: 0 },
      written: { out: 16, dead: 8 }
    })
    const page = readFileSync(join(app.stateDir, 'nights/one/2026-03-02.md'), 'utf8')
    expect(page).toContain('- alerts: 40 received = 16 delivered + 16 handled + 8 deadLettered')
    expect(app.log.texts('info').join('\n')).toContain('HANDLER_FAILED 8; written to sinks: dead 8')
    clock.jump('2026-03-03T02:00:00Z')
    await is('reading')
    await take(40, 1, 0)
    app.stop.abort()
    await ended
    expect(report('2026-03-03.json')).toMatchObject({ total: { received: 1 }, written: { dead: 1 } })
  })

  test('knows the topics of its night, also where those of nights before have made room', async () => {
    const { app, clock, source, is, report } = observatory('2026-03-02T02:00:00Z', { key: '*' })
    const ended = app.run()
    for (const night of [2, 3, 4]) {
      clock.jump(`2026-03-0${night}T02:00:00Z`)
      for (let n = 0; n < 600; n++) source.bring(`night_${night}_${n}`, 1)
      await soon(() => expect(source.acked.size).toBe(600 * (night - 1)))
      clock.jump(`2026-03-0${night}T12:00:00Z`)
      await is('resting')
      const { total, topics, balanced } = report(`2026-03-0${night}.json`)
      expect([total.received, total.delivered, balanced]).toEqual([600, 600, true])
      expect(Object.keys(topics)).toHaveLength(600)
      expect(topics[`night_${night}_0`].received).toBe(1)
    }
    expect(Object.keys(app.account.stream('one').topics)).toHaveLength(1001)
    expect(await new Metrics(app.app).text()).not.toContain('earlier topics')
    app.stop.abort()
    await ended
  })

  test('holds no secret, whatever a failure quotes', async () => {
    const { app, source, is, reports } = observatory('2026-03-02T02:00:00Z')
    app.secrets = ['"sesame"', 'open-up']
    source.refusals.push(new AlertStreamsError('CREDENTIALS_REFUSED', 'neither "sesame" nor open-up'))
    const ended = app.run()
    await is('failed')
    app.stop.abort()
    await ended
    for (const name of reports()) {
      const text = readFileSync(join(app.stateDir, 'nights/one', name), 'utf8')
      expect(text).toContain('neither *** nor ***')
    }
  })

  test('overwrites none, and has the number of a member in its name', async () => {
    const first = observatory('2026-03-02T03:00:00Z')
    for (const member of [undefined, undefined, 1]) {
      const { app, clock, is } = observatory('2026-03-02T03:00:00Z')
      app.stateDir = first.app.stateDir
      app.member = member
      // A stream without a group runs in the first member only.
      app.grouped = true
      const ended = app.run()
      await is('reading')
      clock.jump('2026-03-02T12:00:00Z')
      await is('resting')
      app.stop.abort()
      await ended
    }
    const files = first.reports().filter((name) => name.endsWith('.json'))
    expect(files).toEqual(['2026-03-02-2.json', '2026-03-02.1.json', '2026-03-02.json'])
  })
})
