import { existsSync, readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { PNG } from 'pngjs'
import { describe, expect, test } from 'vitest'
import { codecOf } from '../../src/codecs/usual.ts'
import { notices } from '../../src/generate/index.ts'
import { pageOf } from '../../src/show/page.ts'
import { plain } from '../../src/show/paint.ts'
import { pictureOf } from '../../src/show/picture.ts'
import { textOf } from '../../src/show/text.ts'
import { lsstAlert, lsstIds } from '../codecs/lsst-sample.ts'
import { messageOf } from '../codecs/message.ts'

/** Both forms, and what they are; throws where either does. */
function shown(payload: unknown) {
  const page = pageOf([payload])
  const text = textOf(page, 80, plain)
  const picture = pictureOf(page, 'png')
  return { page, text, picture: picture && PNG.sync.read(Buffer.from(picture)) }
}

const folder = new URL('../../../shared/data/', import.meta.url)
describe.skipIf(!existsSync(folder))('real alerts (skipped where ../shared/data is absent)', () => {
  const filesIn = (name: string) =>
    readdirSync(new URL(`${name}/`, folder))
      .filter((file) => /\.(avro|json)$/.test(file))
      .map((file) => `${name}/${file}`)
  const payloadOf = (file: string) => codecOf('auto').decode(messageOf(readFileSync(new URL(file, folder))))

  test.each(filesIn('ztf'))('%s is a page, a light curve and three cut-outs', (file) => {
    const { page, text, picture } = shown(payloadOf(file))
    expect(page.curve.length).toBeGreaterThan(10)
    expect(text).toContain('cut-outs       science 63x63, template 63x63, difference')
    expect(text).toContain(page.id)
    expect([picture!.width, picture!.height]).toEqual([900, 834])
  })

  test.each(filesIn('lsst'))('%s has its ids, and the brightness of its flux', (file) => {
    const { page, text } = shown(payloadOf(file))
    expect(page.curve).toHaveLength(3)
    expect(text).toContain('diaObjectId    281323062375219201\n')
    expect(text).toContain('r 23.666 ± 0.010, difference flux 1241.0 ± 12.0 nJy')
  })

  test.each(filesIn('hop'))('%s is shown as it is', (file) => {
    expect(shown(payloadOf(file)).text).toContain('not known here')
  })
})

test.each(lsstIds)('an alert in version %i of the schema of LSST is shown', (id) => {
  const { page } = shown(lsstAlert(id).value)
  if (id >= 700) expect(page.survey).toBe('LSST')
})

test('messages of the demo are those of Hermes, or trees', () => {
  for (const { topic, bytes } of notices(3).take(60)) {
    const { page } = shown(JSON.parse(Buffer.from(bytes).toString()))
    expect(page.survey).toBe(topic === 'hermes.test' ? 'Hermes' : '')
  }
})

/** Anything where an alert has something else. */
const anything = fc.oneof(
  fc.double(),
  fc.constantFrom(
    null,
    undefined,
    0,
    -999,
    -99999,
    '',
    'null',
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    Number.MIN_VALUE,
    9007199254740993n
  ),
  fc.string(),
  fc.uint8Array({ maxLength: 20 }),
  fc.array(fc.integer(), { maxLength: 3 }),
  fc.constant({})
)
const record = (...names: readonly string[]) =>
  fc.record(
    Object.fromEntries(
      names.map((name) => [name, fc.oneof({ weight: 3, arbitrary: fc.double({ min: -1e4, max: 1e7 }) }, anything)])
    ),
    {
      requiredKeys: []
    }
  )
const list = (item: fc.Arbitrary<unknown>) => fc.oneof(fc.array(item, { maxLength: 4 }), anything)

const ztf = record(
  'jd',
  'fid',
  'magpsf',
  'sigmapsf',
  'diffmaglim',
  'isdiffpos',
  'ra',
  'dec',
  'distnr',
  'magnr',
  'drb',
  'drbversion',
  'ssnamenr',
  'ssdistnr',
  'distpsnr1',
  'sgscore1',
  'ndethist',
  'jdstarthist'
)
const forced = record('jd', 'fid', 'forcediffimflux', 'forcediffimfluxunc', 'magzpsci', 'procstatus')
const lsst = record(
  'diaSourceId',
  'midpointMjdTai',
  'band',
  'psfFlux',
  'psfFluxErr',
  'ra',
  'dec',
  'scienceFlux',
  'extendedness',
  'trailLength',
  'timeWithdrawnMjdTai'
)
const hermes = record(
  'target_name',
  'name',
  'ra',
  'dec',
  'date_obs',
  'bandpass',
  'brightness',
  'brightness_error',
  'brightness_unit',
  'limiting_brightness'
)
const stamp = fc.oneof(anything, fc.record({ stampData: anything, fileName: anything }))
const known = (usual: unknown) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: anything })

const alerts = fc.oneof(
  fc.record({
    objectId: known('ZTF25aaaaaaa'),
    candid: known(1n),
    candidate: ztf,
    prv_candidates: list(ztf),
    fp_hists: list(forced),
    cutoutScience: stamp,
    more: anything
  }),
  fc.record({
    diaSourceId: known(5n),
    diaSource: lsst,
    prvDiaSources: list(lsst),
    prvDiaForcedSources: list(lsst),
    diaObject: anything,
    ssSource: anything,
    cutoutDifference: stamp
  }),
  fc.record({
    title: known('t'),
    submitter: known('s'),
    data: fc.record({ targets: list(hermes), photometry: list(hermes) })
  }),
  fc.record({
    superevent_id: known('S1'),
    alert_type: anything,
    event: record('far', 'classification', 'instruments', 'time')
  }),
  fc.anything({ withBigInt: true, withDate: true, withTypedArray: true })
)

test('whatever stands in the fields of an alert, it can be shown', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(alerts, (alert) => void shown(alert)),
    { numRuns: 400 }
  )
})
