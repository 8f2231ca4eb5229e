import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/index.ts'

const SECRET = 'canary "with\\marks'

function linesOf(format: string): string[] {
  const program = join(import.meta.dirname, 'log-lines.ts')
  const { stderr, stdout, status } = spawnSync(process.execPath, [program, format, SECRET], { encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  expect(stdout).toBe('')
  return stderr.trimEnd().split('\n')
}

type Line = Readonly<Record<string, unknown>>
const parsed = (format: string) => linesOf(format).map((line) => JSON.parse(line) as Line)

const LABELS = 'logging.googleapis.com/labels'
const LOG_NAME = 'logging.googleapis.com/logName'
const REPORTED = 'type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent'

describe('LOG_FORMAT', () => {
  test('gcp: severity, message, time', () => {
    const lines = parsed('gcp')
    expect(lines.map(({ severity, message }) => [severity, message])).toEqual([
      ['INFO', 'starts'],
      ['DEBUG', 'looks'],
      ['WARNING', 'dead letter: *** in "quotes"'],
      ['ERROR', 'stream failed'],
      ['ERROR', 'unavailable'],
      ['ERROR', 'stands still']
    ])
    for (const { time, level, msg } of lines) {
      expect(new Date(String(time)).toISOString()).toBe(time)
      expect([level, msg]).toEqual([undefined, undefined])
    }
  })

  test('gcp: the log is that of the subscription or table, else of the stream; labels say the rest', () => {
    const lines = parsed('gcp')
    expect(lines.map((line) => [line[LOG_NAME], line[LABELS]])).toEqual([
      ['alertstreams', { log: 'alertstreams' }],
      // What the name of a log has no place for.
      ['all_of_it-sub', { log: 'all of it-sub', stream: 'night' }],
      ['ztf-loop-sub', { log: 'ztf-loop-sub', stream: 'night', topic: 'ztf-loop', code: 'DECODE_FAILED' }],
      ['all_of_it-sub', { log: 'all of it-sub', stream: 'night' }],
      ['alertstreams', { log: 'alertstreams', sink: 'out', member: '1' }],
      ['replay', { log: 'replay', stream: 'replay' }]
    ])
    expect(lines[2]).toMatchObject({ attempts: 2, alert: 'a/1' })
    expect(linesOf('gcp')[2]).toContain('"id":9007199254740993')
  })

  test('gcp: streams of Pitt-Google know their subscriptions and tables', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'log-'))
    const stream = (name: string, options: object, ...topics: string[]) => ({
      NAME: name,
      OPTIONS: { PROJECT: 'mine', ...options, TOPIC_HANDLERS: Object.fromEntries(topics.map((one) => [one, 'log'])) }
    })
    const config = {
      ALERT_STREAMS: [
        stream('PittGoogleAlertStream', { SUBSCRIPTION: 'my-{topic}' }, 'ztf-loop', 'lsst-alerts'),
        stream('PittGoogleRestAlertStream', {}, 'ztf-loop'),
        stream('PittGoogleDatabaseStream', { TABLE: 'ztf.alerts', OBJECT_ID: 'ZTF1' }, '*'),
        { NAME: 'ArchiveAlertStream', OPTIONS: { PATH: '.', TOPIC_HANDLERS: { '*': 'log' } } }
      ]
    }
    writeFileSync(join(folder, 'a.yaml'), JSON.stringify(config))
    const loaded = await loadConfig([join(folder, 'a.yaml')], { env: {} })
    rmSync(folder, { recursive: true })
    expect(loaded.problems).toBeUndefined()
    const names = loaded.config!.streams.map(({ logName }) => [logName?.(undefined), logName?.('ztf-loop')])
    expect(names).toEqual([
      [undefined, 'my-ztf-loop'],
      ['ztf-loop', 'ztf-loop'],
      [expect.stringMatching(/\.ztf\.alerts$/), expect.stringMatching(/\.ztf\.alerts$/)],
      [undefined, undefined]
    ])
  })

  test('gcp: errors have their stack where Error Reporting reads it, and are reported without one too', () => {
    const [starts, , letter, failed, unavailable, still] = parsed('gcp')
    expect(failed!.stack_trace).toMatch(/^Error: handler broke on \*\*\*\n {4}at .*log-lines\.ts/)
    expect(unavailable!.stack_trace).toMatch(/^Error: cannot write as \*\*\*\n {4}at .*log-lines\.ts/)
    expect([failed!['@type'], unavailable!['@type'], still!['@type']]).toEqual([undefined, undefined, REPORTED])
    for (const line of [failed, unavailable, still]) expect(line!.serviceContext).toEqual({ service: 'alertstreams' })
    for (const line of [starts, letter]) for (const name of ['@type', 'stack_trace', 'serviceContext']) expect(line).not.toHaveProperty(name) // biome-ignore format: one line
  })

  test.for(['auto', 'json'])('%s where nobody looks on: objects in lines', (format) => {
    expect(parsed(format).map(({ level, msg }) => [level, msg])).toEqual([
      [30, 'starts'],
      [20, 'looks'],
      [40, 'dead letter: *** in "quotes"'],
      [50, 'stream failed'],
      [50, 'unavailable'],
      [50, 'stands still']
    ])
  })

  test('text: for people, without colours where there is no terminal', () => {
    const lines = linesOf('text')
    expect(lines[0]).toMatch(/^\[\d\d:\d\d:\d\d\] INFO: starts \{"version":"1"\}$/)
    expect(lines.join()).not.toContain('\u001b')
  })

  test.for(['gcp', 'json', 'text'])('%s hides secrets', (format) => {
    const all = linesOf(format).join('\n')
    for (const form of [SECRET, JSON.stringify(SECRET).slice(1, -1), 'canary']) expect(all).not.toContain(form)
    expect(all).toContain('***')
  })
})
