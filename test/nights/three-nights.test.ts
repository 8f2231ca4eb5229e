import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { App } from '../../src/app.ts'
import { loadConfig } from '../../src/config/index.ts'
import type { Report } from '../../src/nights/report.ts'
import { RecordingLog } from '../contract/log.ts'
import { hasCommitted, newName, plaintext } from '../end-to-end/kafka.ts'
import { root, until } from '../end-to-end/program.ts'
import { SimulatedClock } from '../fakes/clock.ts'
import spans from '../schedule/sun-times.json' with { type: 'json' }
import { createTopic, describeKafka, produce, readTopic } from '../setup/services.ts'

const MINUTE = 60_000
/** Nights as astropy has them: [opens, closes], UTC. Tartu has two, and then none that is dark enough until July. */
const nightsAt = (place: string, first: string) =>
  spans
    .find(({ site, first: day }) => site === place && day === first)!
    .nights.map(([opens, closes]) => [Date.parse(opens!), Date.parse(closes!)] as const)
const palomar = nightsAt('palomar', '2026-05-18')
const tartu = nightsAt('tartu', '2026-05-17')

describeKafka('three nights', () => {
  test('at Palomar from Kafka, and at Tartu, where the third has no darkness', { timeout: 120_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'three-nights-'))
    const [topic, out, group] = [newName('ztf'), newName('out'), newName('night')]
    // Alerts of simulated nights: a broker would throw them away as old, or refuse them as too new.
    const lasting = { 'retention.ms': '-1', 'message.timestamp.after.max.ms': '9223372036854775807' }
    for (const name of [topic, out]) await createTopic(name, 1, lasting)
    await writeFile(
      join(folder, 'handler.mjs'),
      'export default (alert) => (alert.payload().n % 10 ? alert : undefined)'
    )
    const config = {
      ALERT_STREAMS: [
        {
          NAME: 'KafkaAlertStream',
          ID: 'palomar',
          SCHEDULE: { SUN_BELOW: -12, SITE: 'palomar' },
          OPTIONS: {
            ...plaintext(),
            GROUP_ID: group,
            SESSION_TIMEOUT: 6,
            TOPIC_HANDLERS: { [topic]: { HANDLER: './handler.mjs', SINKS: 'out' } }
          }
        },
        {
          NAME: 'ArchiveAlertStream',
          ID: 'tartu',
          SCHEDULE: { SUN_BELOW: -12, SITE: { LATITUDE: 58.2653, LONGITUDE: 26.4661, ELEVATION: 76 } },
          DEAD_LETTER: 'dead',
          OPTIONS: {
            PATH: join(root, 'config/demo/ztf-loop'),
            RATE: 100,
            TOPIC_HANDLERS: { '*': { SINKS: 'files' } }
          }
        }
      ],
      SINKS: {
        out: { NAME: 'KafkaSink', OPTIONS: { ...plaintext(), TOPIC: out } },
        files: { NAME: 'FileSink', OPTIONS: { PATH: 'files.ndjson' } },
        dead: { NAME: 'FileSink', OPTIONS: { PATH: 'dead.ndjson' } }
      },
      RUNNER: { STATE_DIR: 'state' }
    }
    await writeFile(join(folder, 'night.yaml'), stringify(config))
    const loaded = await loadConfig([join(folder, 'night.yaml')], { env: {} })
    if (loaded.config === undefined) throw new Error(loaded.problems)

    const clock = new SimulatedClock('2026-05-17T19:00:00Z')
    const [stop, abandon] = [new AbortController(), new AbortController()]
    const log = new RecordingLog()
    const app = new App(loaded.config, log, { stop: stop.signal, abandon: abandon.signal }, undefined, clock)
    const is = (id: string, state: string) =>
      until(
        () => app.account.stream(id).state === state,
        `${id} to be ${state}`,
        30,
        () => log.everything()
      )
    const received = (id: string) =>
      Object.values(app.account.stream(id).topics).reduce((sum, row) => sum + row.received, 0)
    const publish = (count: number, time: number) =>
      produce(
        topic,
        Array.from({ length: count }, (_, n) => ({ value: JSON.stringify({ n }), timestamp: String(time) }))
      )
    const ended = app.run()
    await is('palomar', 'resting')
    await is('tartu', 'resting')

    let published = 0
    for (const [night, [opens, closes]] of palomar.entries()) {
      const dark = tartu[night]
      if (night < 2) {
        clock.jump(dark![0] - 2 * MINUTE)
        expect(app.account.stream('tartu').state).toBe('resting')
        const before = received('tartu')
        clock.jump(dark![0] + 2 * MINUTE)
        await until(() => received('tartu') >= before + 20, 'alerts at Tartu', 20)
        clock.jump(dark![1] + 2 * MINUTE)
        await is('tartu', 'resting')
        expect(received('tartu')).toBeLessThan(before + 100)
      }
      // By day, for the night.
      await publish(10, opens - 60 * MINUTE)
      clock.jump(opens - 2 * MINUTE)
      expect(app.account.stream('palomar').state).toBe('resting')
      clock.jump(opens + 2 * MINUTE)
      await is('palomar', 'reading')
      await until(() => received('palomar') === published + 10, 'the alerts of the day', 30)
      await publish(30 + 10 * night, clock.now() - 5000)
      published += 40 + 10 * night
      await until(() => received('palomar') === published, 'the alerts of the night', 30)
      const [palomarStream] = app.streams
      await until(async () => (await palomarStream?.backlog()) === 0, 'no lag', 20)
      clock.jump(closes - 2 * MINUTE)
      expect(app.account.stream('palomar').state).toBe('reading')
      clock.jump(closes + 2 * MINUTE)
      await is('palomar', 'resting')
      expect(await palomarStream?.backlog()).toBeUndefined()
      // Drained in order: what was taken is committed.
      await until(hasCommitted(group, topic, published), 'the commits', 20)
    }
    expect(app.account.stream('tartu').reason).toContain('opens at 2026-07-24T22:1')
    expect(log.texts('info').some((text) => /opens at 2026-07-24T22:1\dZ, in 6\d days/.test(text))).toBe(true)
    expect(app.readiness).toEqual({ ready: true, reasons: [] })
    stop.abort()
    expect(await ended).toEqual({ failed: false, abandoned: false })

    const reports = async (id: string): Promise<Report[]> => {
      const files = (await readdir(join(folder, 'state/nights', id))).filter((name) => name.endsWith('.json'))
      return Promise.all(
        files.toSorted().map(async (file) => JSON.parse(await readFile(join(folder, 'state/nights', id, file), 'utf8')))
      )
    }
    const near = (time: Date | undefined, expected: number) =>
      expect(Math.abs(new Date(time!).getTime() - expected)).toBeLessThan(1.5 * MINUTE)
    const atPalomar = await reports('palomar')
    expect(atPalomar.map(({ night }) => night)).toEqual(['2026-05-18', '2026-05-19', '2026-05-20'])
    for (const [night, report] of atPalomar.entries()) {
      const count = 40 + 10 * night
      expect(report).toMatchObject({ how: 'closed', balanced: true, source: { connects: 1, waits: 0 } })
      expect(report.total).toMatchObject({ received: count, delivered: count * 0.9, handled: count * 0.1, inFlight: 0 })
      expect(report.written).toEqual({ out: count * 0.9 })
      expect(report.latencies.received.max).toBeGreaterThan(3600)
      expect(report.perMinute.peak).toBe(count)
      near(report.window.opens, palomar[night]![0])
      near(report.window.closes, palomar[night]![1])
      expect(Date.parse(String(report.started)) - Date.parse(String(report.window.opens))).toBeLessThan(4 * MINUTE)
      expect(Date.parse(String(report.ended)) - Date.parse(String(report.window.closes))).toBeLessThan(4 * MINUTE)
    }
    const atTartu = await reports('tartu')
    expect(atTartu.map(({ night, how, balanced }) => [night, how, balanced])).toEqual([
      ['2026-05-17', 'closed', true],
      ['2026-05-18', 'closed', true]
    ])
    for (const [night, { window }] of atTartu.entries()) near(window.opens, tartu[night]![0])
    const sum = (of: readonly Report[], id: string) =>
      expect(of.reduce((total, report) => total + report.total.received, 0)).toBe(received(id))
    sum(atPalomar, 'palomar')
    sum(atTartu, 'tartu')
    expect(app.account.mismatches()).toEqual([])
    expect(await readTopic(out)).toHaveLength(published * 0.9)
    await rm(folder, { recursive: true })
  })
})
