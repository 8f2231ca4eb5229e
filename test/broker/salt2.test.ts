import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseJson } from '../../src/codecs/json-text.ts'
import { root } from '../end-to-end/program.ts'
import { installSalt2 } from '../services/python.ts'
import { describeSalt2 } from '../services/salt2.ts'
import { describePeers } from '../setup/services.ts'
import { expectedOf } from './expected.ts'
import { SupernovaPlace } from './supernovae.ts'

type Row = Readonly<Record<string, number | string | bigint | null>>
type Truth = Readonly<Record<'z' | 't0' | 'x0' | 'x1' | 'c', number>>

const CURVES = 20
const png = Buffer.from('89504e470d0a1a0a', 'hex')

describePeers('beside a script of its own,', () => describeSalt2('SALT2 fits of synthetic supernovae', fits))

function fits(): void {
  let place: SupernovaPlace
  let rows: readonly Row[]
  let truth: Readonly<Record<string, Truth>>

  beforeAll(async () => {
    place = new SupernovaPlace(await installSalt2())
    await place.make(CURVES, 2)
    truth = JSON.parse(place.read('synthetic/truth.json'))
    writeFileSync(join(place.folder, 'synthetic/poor.ndjson'), poor(place.read('synthetic/alerts.ndjson')))
    await place.fit()
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

  test('errors as upstream had them, missing bands, wrong options: each has its way', {
    timeout: 180_000
  }, async () => {
    interface Case {
      readonly rows: readonly Row[]
      readonly pictures: readonly number[]
      readonly logged: readonly string[]
      readonly failed?: string
    }
    const cases: Readonly<Record<string, Case>> = JSON.parse(await place.cases())
    const of = (name: string) => cases[name]!
    const [right, upstream] = ['right errors', 'upstream errors'].map((name) => of(name).rows[0]!)
    // Errors of ln(10 / 2.5) in place of ln(10) / 2.5.
    const factor = Math.log(4) / (Math.log(10) / 2.5)
    expect(Number(right!.chisq) / Number(upstream!.chisq)).toBeCloseTo(factor ** 2, 3)
    expect(Number(upstream!.x1_err) / Number(right!.x1_err)).toBeCloseTo(factor, 1)
    // What is fainter than the reference counts too.
    expect(of('negative').rows).toEqual([right])
    expect(of('negative').pictures[0]).toBeGreaterThan(20_000)
    expect(of('no i').rows[0]!.ndof).toBeLessThan(Number(right!.ndof))
    expect(of('bright in i alone')).toMatchObject({
      rows: [],
      logged: [expect.stringMatching(/^ZTF25\w+ is not fitted: /)]
    })
    expect(of('misspelt').failed).toMatch(/PLOTS, which is not known: BANDS/)
    expect(of('no model').failed).toMatch('needs MODEL, a directory')
    expect(of('model away').failed).toMatch('nowhere/salt2_template_0.dat')
    expect(of('bands away').failed).toMatch('nowhere has no band pass')
  })

  test('nothing was downloaded', () => {
    const kept = readdirSync(join(place.folder, 'home'), { recursive: true }).map(String)
    expect(kept.filter((name) => /sncosmo|download|\.(dat|fits)$/.test(name))).toEqual([])
  })
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
