import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseJson } from '../../src/codecs/json-text.ts'
import { root, Workplace } from '../end-to-end/program.ts'
import { runCommand } from '../services/process.ts'
import { installSalt2 } from '../services/python.ts'
import { describePeers } from '../setup/services.ts'
import { expectedOf } from './expected.ts'

type Row = Readonly<Record<string, number | string | bigint | null>>
type Truth = Readonly<Record<'z' | 't0' | 'x0' | 'x1' | 'c', number>>

const CURVES = 20
const png = Buffer.from('89504e470d0a1a0a', 'hex')

describePeers('SALT2 fits of synthetic supernovae', () => {
  let place: Workplace
  let rows: readonly Row[]
  let truth: Readonly<Record<string, Truth>>

  beforeAll(async () => {
    const python = await installSalt2()
    place = new Workplace(configuration(python))
    const synthetic = join(place.folder, 'synthetic')
    await runCommand(python, [
      join(import.meta.dirname, 'light_curves.py'),
      synthetic,
      '--count',
      `${CURVES}`,
      '--seed',
      '2'
    ])
    truth = JSON.parse(readFileSync(join(synthetic, 'truth.json'), 'utf8'))
    writeFileSync(join(synthetic, 'poor.ndjson'), poor(readFileSync(join(synthetic, 'alerts.ndjson'), 'utf8')))
    const program = place.start({ env: { HOME: homedir() } })
    expect(await program.end(200), program.output).toBe(0)
    rows = linesOf('fits.ndjson')
  }, 400_000)
  afterAll(() => place[Symbol.asyncDispose]())

  const linesOf = (file: string) =>
    place
      .read(file)
      .trimEnd()
      .split('\n')
      .map((line) => parseJson(line) as Row)

  test(`t0, x0, x1 and c are recovered within three standard errors on 18 of ${CURVES} at least`, () => {
    expect(rows).toHaveLength(CURVES)
    const off = rows.filter((row) => {
      const real = truth[String(row.candid)]!
      const deviations = (['t0', 'x0', 'x1', 'c'] as const).map(
        (name) => (Number(row[name]) - real[name]) / Number(row[`${name}_err`])
      )
      return !deviations.every((deviation) => Math.abs(deviation) <= 3)
    })
    expect(off.length).toBeLessThanOrEqual(2)
    const typical = rows.map(({ x1_err }) => Number(x1_err)).toSorted((a, b) => a - b)[CURVES / 2]!
    expect(typical, 'an error so large would hide anything').toBeLessThan(0.3)
    expect(rows.every(({ success, ndof }) => success === 1 && Number(ndof) > 20)).toBe(true)
  })

  test('those that the cuts keep back are not fitted, as the independent script has it', async () => {
    const expected = await expectedOf(join(place.folder, 'synthetic'))
    expect(expected.length).toBe(CURVES + 3)
    const fitted = new Set(rows.map(({ candid }) => candid))
    const passing = expected.filter(({ salt2 }) => salt2.passes).map(({ candid }) => candid)
    expect(fitted).toEqual(new Set(passing))
    expect(place.account().streams['archive-alert-stream']).toMatchObject({
      topics: { ztf_exgalac_trans: { received: CURVES + 3, delivered: CURVES, handled: 3, deadLettered: 0 } }
    })
  })

  test('table and topic are sent the same row, which has the columns of config/broker/salt2.json', () => {
    expect(linesOf('published.ndjson')).toEqual(rows)
    const columns: { name: string }[] = JSON.parse(readFileSync(join(root, 'config/broker/salt2.json'), 'utf8'))
    for (const row of rows) expect(Object.keys(row)).toEqual(columns.map(({ name }) => name))
    const { z_err, z_z_cov, x1_c_cov, c_x1_cov } = rows[0]! as Record<string, number>
    expect(z_z_cov! / z_err! ** 2).toBeCloseTo(1, 1)
    expect(x1_c_cov).toBe(c_x1_cov)
  })

  test('each has a picture', () => {
    for (const { candid } of rows) {
      const bytes = readFileSync(join(place.folder, `salt2/plot_lc/candid_${candid}.png`))
      expect(bytes.subarray(0, 8)).toEqual(png)
      expect(bytes.length).toBeGreaterThan(20_000)
    }
    expect(readdirSync(join(place.folder, 'salt2/plot_lc'))).toHaveLength(CURVES)
  })
})

function configuration(python: string): object {
  return {
    ALERT_STREAMS: [
      {
        NAME: 'ArchiveAlertStream',
        OPTIONS: {
          PATH: ['synthetic/alerts.ndjson', 'synthetic/poor.ndjson'],
          TOPIC: 'ztf_exgalac_trans',
          TOPIC_HANDLERS: {
            ztf_exgalac_trans: {
              HANDLER: { COMMAND: [python, '-m', 'alertstreams.salt2'], WORKERS: 2 },
              OPTIONS: {
                ...{ MODEL: 'synthetic/model', BANDS: 'synthetic/bands' },
                ...{ TABLE: 'fits', TOPIC: 'published', PLOTS: 'plots' }
              },
              TIMEOUT: '60s',
              ORDER_BY: 'none'
            }
          }
        },
        DEAD_LETTER: 'dead'
      }
    ],
    SINKS: {
      fits: { NAME: 'FileSink', OPTIONS: { PATH: 'fits.ndjson', FORMAT: 'payload' } },
      published: { NAME: 'FileSink', OPTIONS: { PATH: 'published.ndjson', FORMAT: 'payload' } },
      plots: { NAME: 'FileSink', OPTIONS: { PATH: 'salt2/plot_lc/{key}.png', FORMAT: 'raw' } },
      dead: { NAME: 'FileSink', OPTIONS: { PATH: 'dead.ndjson' } }
    }
  }
}

/** Three of them made unfit: four detections, none bright enough, none at all before. */
function poor(alerts: string): string {
  const [few, faint, alone] = alerts.split('\n').map((line) => line && JSON.parse(line.replace(/"candid": \d+, /, '')))
  const detections = few.prv_candidates.filter(({ magpsf }: { magpsf: number | null }) => magpsf !== null)
  few.prv_candidates = detections.slice(0, 3)
  for (const row of [...faint.prv_candidates, faint.candidate]) row.sigmapsf = row.magpsf === null ? null : 0.3
  alone.prv_candidates = null
  return [few, faint, alone].map((alert, index) => `${JSON.stringify({ ...alert, candid: index + 1 })}\n`).join('')
}
