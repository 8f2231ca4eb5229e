import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ztfAlerts } from '../../src/generate/index.ts'
import { root } from '../docs/blocks.ts'
import { BigQueryJobs } from '../google/big-query.ts'
import { lsstSupernova } from '../show/lsst-alert.ts'
import { alertstreams, alertstreamsBeside, Folder } from './program.ts'

const packets = [...ztfAlerts(5).take(3)]
const circular = JSON.stringify({ circularId: 1, subject: 'GRB 250302A', body: 'We report a burst.' })

test('an alert of several; how many there are is said', () => {
  using folder = new Folder()
  const lines = packets.map(({ alert }) =>
    JSON.stringify(alert, (_, value) => (typeof value === 'bigint' ? Number(value) : value))
  )
  writeFileSync(folder.file('night.ndjson'), lines.map((line) => `${line}\n`).join(''))
  const { code, lines: shown, errors } = alertstreams(['show', folder.file('night.ndjson'), '--number', '2'])
  expect(code).toBe(0)
  expect(shown[0]).toBe(`${packets[1]!.alert.objectId}   ZTF`)
  expect(errors).toBe('alertstreams show: this is alert 2 of 3; --number shows another\n')
  const none = alertstreams(['show', folder.file('night.ndjson'), '--number', '4'])
  expect(none.errors).toContain('it has 3 alerts, and no number 4')
  expect(none.code).toBe(1)
})

test('--plot draws a PNG or an SVG beside the page', () => {
  using folder = new Folder()
  writeFileSync(folder.file('alert.avro'), lsstSupernova().bytes)
  for (const name of ['alert.png', 'alert.svg']) {
    const { code, lines, errors } = alertstreams(['show', 'alert.avro', '--plot', name], '', folder.path)
    expect(errors).toBe('')
    expect(code).toBe(0)
    expect(lines.join('\n')).toContain('diaObjectId    3527242976319242240')
  }
  expect(PNG.sync.read(readFileSync(folder.file('alert.png'))).width).toBe(900)
  expect(readFileSync(folder.file('alert.svg'), 'utf8')).toMatch(/^<svg .*<\/svg>$/s)
})

test('--json has the light curve as numbers, ids with all digits', () => {
  const [{ alert, bytes }] = packets as [(typeof packets)[0]]
  const { lines } = alertstreams(['show', '-', '--json'], bytes)
  expect(lines).toHaveLength(1)
  const { id, name, ra, light_curve: curve } = JSON.parse(lines[0]!)
  const expected = [String(alert.candid), alert.objectId, expect.closeTo(alert.candidate.ra, 6)]
  expect([id, name, ra]).toEqual(expected)
  expect(curve).toHaveLength(alert.prv_candidates.length + 1)
  expect(curve.at(-1)).toMatchObject({ alert: true, magnitude: expect.closeTo(alert.candidate.magpsf, 5) })
})

test('what cannot be read, drawn or understood is said', { timeout: 90_000 }, () => {
  const problems = [
    [['show', 'no-such.avro'], 'there is no such file', 1],
    [['show', '-', '--plot', 'a.png'], 'there is nothing to draw', 1],
    [['show', '-', '--plot', 'a.jpg'], 'must end in .png or .svg', 2],
    [['show', '-', '--number', '0'], '--number must be a whole number', 2],
    [['show', '-', '--number', '1', '--all'], 'both given', 2],
    [['show'], 'name one FILE', 2],
    [['show', '3527242976319242240'], 'for an object of LSST name its table', 2]
  ] as const
  for (const [args, problem, exitCode] of problems) {
    const { code, errors } = alertstreams(args, circular)
    expect(errors).toContain(problem)
    expect(code, problem).toBe(exitCode)
  }
  expect(existsSync('a.png')).toBe(false)
  expect(alertstreams(['show', '-'], packets[0]!.bytes.subarray(0, 2000)).errors).toMatch(/^alertstreams show: -: /)
  expect(alertstreams(['show', '--help']).out.toString()).toContain('Example: alertstreams show')
})

describe('an object, after the documentation of BigQuery', () => {
  let jobs: BigQueryJobs
  beforeEach(async () => {
    jobs = await BigQueryJobs.start()
    const float = (name: string) => ({ name, type: 'FLOAT' })
    const candidate = [
      ...['jd', 'magpsf', 'sigmapsf', 'diffmaglim', 'ra', 'dec'].map(float),
      { name: 'fid', type: 'INTEGER' },
      { name: 'isdiffpos', type: 'STRING' }
    ]
    const fields = [
      { name: 'objectId', type: 'STRING' },
      { name: 'candid', type: 'INTEGER' },
      { name: 'candidate', type: 'RECORD', fields: candidate }
    ]
    jobs.table = { fields }
    jobs.schema = { fields }
  })
  afterEach(() => jobs.close())

  const row = (n: number) => {
    const values = [
      2_460_736.5 - n,
      18 + n / 4,
      0.1,
      20.5,
      97.8890196,
      -2.798349,
      1 + (n % 2),
      n === 3 ? 'f' : 't'
    ].map((value) => ({ v: String(value) }))
    return { f: [{ v: 'ZTF17aaarzyp' }, { v: String(2_982_177_112_815_010_003n - BigInt(n)) }, { v: { f: values } }] }
  }
  const env = () => ({ BIGQUERY_EMULATOR_HOST: new URL(jobs.url).host, GOOGLE_CLOUD_PROJECT: 'me' })

  test('is the page of its newest alert, and one light curve', async () => {
    jobs.rows = [0, 1, 2, 3].map(row)
    const { code, lines, errors } = await alertstreamsBeside(['show', 'ZTF17aaarzyp'], env())
    expect(errors).toBe('')
    expect(code).toBe(0)
    expect(lines).toContain('candid         2982177112815010003')
    expect(lines.filter((line) => line.startsWith('607')).map((line) => line.slice(32).trim())).toEqual([
      'r      18.750 ± 0.100   negative',
      'g      18.500 ± 0.100',
      'r      18.250 ± 0.100',
      'g      18.000 ± 0.100   this alert'
    ])
    expect(jobs.requests.at(-1)?.query).toContain('FROM `ardent-cycling-243415.ztf.alerts_v4_02`')
  })

  test('that is not there is said, and what query prints is read', async () => {
    jobs.rows = []
    const none = await alertstreamsBeside(['show', 'ZTF17aaarzyp'], env())
    expect(none.errors).toContain('no such object in ztf.alerts_v4_02')
    expect(none.code).toBe(1)
    jobs.rows = [0, 1, 2, 3].map(row)
    const { out } = await alertstreamsBeside(['query', '--object', 'ZTF17aaarzyp', '--json'], env())
    const direct = await alertstreamsBeside(['show', 'ZTF17aaarzyp', '--json'], env())
    expect(alertstreams(['show', '-', '--all', '--json'], out).lines).toEqual(direct.lines)
  })
})

test('the libraries that draw are loaded for pictures only', { timeout: 90_000 }, () => {
  using folder = new Folder()
  writeFileSync(folder.file('alert.avro'), packets[0]!.bytes)
  const hook = `import { registerHooks } from 'node:module'
    registerHooks({ resolve: (name, context, next) => {
      const found = next(name, context)
      if (/node_modules/.test(found.url)) console.error('loaded ' + found.url)
      return found
    } })`
  writeFileSync(folder.file('hook.mjs'), hook)
  const loads = (...args: readonly string[]) => {
    const program = ['--import', folder.file('hook.mjs'), join(root, 'bin/alertstreams.js')]
    const { stderr } = spawnSync(process.execPath, [...program, ...args], { cwd: folder.path, encoding: 'utf8' })
    return [...new Set([...stderr.matchAll(/^loaded .*node_modules\/((?:@[^/]+\/)?[^/]+)/gm)].map(([, name]) => name))]
  }
  const drawing = ['@observablehq/plot', '@resvg/resvg-js', 'linkedom', 'pngjs']
  expect(loads('show', 'alert.avro', '--plot', 'alert.png')).toEqual(expect.arrayContaining(drawing))
  const routes = { '*': { SINKS: 'out' } }
  const config = {
    ALERT_STREAMS: [{ NAME: 'ArchiveAlertStream', OPTIONS: { PATH: 'alert.avro', TOPIC_HANDLERS: routes } }],
    SINKS: { out: { NAME: 'FileSink', OPTIONS: { PATH: 'out.ndjson' } } }
  }
  writeFileSync(folder.file('run.yaml'), JSON.stringify(config))
  for (const args of [
    ['show', 'alert.avro'],
    ['check', 'run.yaml'],
    ['run', 'run.yaml']
  ]) {
    const loaded = loads(...args)
    expect(loaded.filter((name) => drawing.includes(name!))).toEqual([])
    if (args[0] !== 'show') expect(loaded).toContain('yaml')
  }
  expect(readFileSync(folder.file('out.ndjson'), 'utf8')).toContain('alert.avro')
})
