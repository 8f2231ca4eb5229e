import { describe, expect, test } from 'vitest'
import { type Page, pageOf } from '../../src/show/page.ts'
import { abMagnitude, lightCurveOf, type Point } from '../../src/show/points.ts'
import { ztfAlerts } from '../../src/generate/index.ts'
import { lsstSupernova } from './lsst-alert.ts'

/** Candidate of a ZTF alert, before its history. */
const candidate = {
  candid: 1n,
  jd: 2_460_736.5,
  fid: 1,
  ra: 10,
  dec: 20,
  magpsf: 18.5,
  sigmapsf: 0.1,
  isdiffpos: 't',
  diffmaglim: 20
}
const ztf = (more: object): unknown => ({
  objectId: 'ZTF25aaaaaaa',
  candid: 1n,
  candidate,
  prv_candidates: null,
  ...more
})
const source = {
  diaSourceId: 5n,
  diaObjectId: 6n,
  midpointMjdTai: 61_000,
  ra: 10,
  dec: 20,
  band: 'r',
  psfFlux: 1241,
  psfFluxErr: 12
}
const lsst = (more: object): unknown => ({ diaSourceId: 5n, diaSource: source, prvDiaSources: null, ...more })

const rows = ({ curve }: Page) =>
  curve.map(({ mjd, band, magnitude, error, limit, negative, forced, alert }) => {
    const round = (value: number | null) => (value === null ? null : Number(value.toFixed(4)))
    const marks = `${negative ? '-' : ''}${forced ? 'f' : ''}${alert ? '*' : ''}`
    return [round(mjd), band, round(magnitude), round(error), round(limit), marks]
  })

test('fluxes in nJy are AB magnitudes', () => {
  // 3631 Jy is 0 mag.
  expect(abMagnitude(3631e9)).toBeCloseTo(0, 3)
  expect(abMagnitude(1000)).toBeCloseTo(23.9, 9)
  expect(abMagnitude(1241)).toBeCloseTo(23.666, 3)
})

describe('ZTF', () => {
  test('history: detections, limits, negative differences', () => {
    const prv_candidates = [
      { jd: 2_460_730.5, fid: 2, magpsf: null, sigmapsf: null, isdiffpos: null, diffmaglim: 20.5 },
      { jd: 2_460_732.5, fid: 2, magpsf: 19.25, sigmapsf: 0.2, isdiffpos: '0', diffmaglim: 20.25 },
      { jd: 2_460_733.5, fid: 9, magpsf: 19.25, sigmapsf: 0.2, isdiffpos: 't', diffmaglim: 20.25 }
    ]
    expect(rows(pageOf([ztf({ prv_candidates })]))).toEqual([
      [60_730, 'r', null, null, 20.5, ''],
      [60_732, 'r', 19.25, 0.2, 20.25, '-'],
      [60_736, 'g', 18.5, 0.1, 20, '*']
    ])
  })

  test('forced photometry stands where nothing was detected, and what is missing or warned of is left out', () => {
    const zeroPoint = { magzpsci: 26.4, procstatus: '0' }
    // With this zero point 1 DN is 100 nJy.
    const fp_hists = [
      { jd: 2_460_730.5, fid: 2, forcediffimflux: 400, forcediffimfluxunc: 20, ...zeroPoint },
      { jd: 2_460_731.5, fid: 2, forcediffimflux: -400, forcediffimfluxunc: 20, ...zeroPoint },
      { jd: 2_460_732.5, fid: 2, forcediffimflux: 50, forcediffimfluxunc: 20, ...zeroPoint },
      { jd: 2_460_733.5, fid: 2, forcediffimflux: -99999, forcediffimfluxunc: -99999, ...zeroPoint },
      { jd: 2_460_734.5, fid: 2, forcediffimflux: 400, forcediffimfluxunc: 20, magzpsci: 26.4, procstatus: '56,61' },
      { jd: 2_460_736.5, fid: 1, forcediffimflux: 400, forcediffimfluxunc: 20, ...zeroPoint }
    ]
    const prv_candidates = [{ jd: 2_460_730.50003, fid: 2, magpsf: null, isdiffpos: null, diffmaglim: 20.5 }]
    const magnitude = 23.9 - 2.5 * Math.log10(40)
    expect(rows(pageOf([ztf({ fp_hists, prv_candidates })]))).toEqual([
      [60_730, 'r', Number(magnitude.toFixed(4)), 0.0543, 21.4, 'f'],
      [60_731, 'r', Number(magnitude.toFixed(4)), 0.0543, 21.4, '-f'],
      [60_732, 'r', null, null, 21.4, 'f'],
      [60_736, 'g', 18.5, 0.1, 20, '*']
    ])
  })

  test('every generated alert has all of its history, in order, and one point of its own', () => {
    for (const { alert } of ztfAlerts(7).take(300)) {
      const { curve, id } = pageOf([alert])
      expect(id).toBe(String(alert.candid))
      const expected = [...alert.prv_candidates, alert.candidate].map(({ jd, fid, magpsf, diffmaglim }) => [
        expect.closeTo(jd - 2_400_000.5, 6),
        fid === 1 ? 'g' : 'r',
        magpsf ?? null,
        magpsf === null ? diffmaglim : expect.anything()
      ])
      expect(curve.map(({ mjd, band, magnitude, limit }) => [mjd, band, magnitude, limit])).toEqual(expected)
      expect(curve.filter((point) => point.alert)).toEqual([curve.at(-1)])
    }
  })
})

describe('LSST', () => {
  test('TAI is made UTC; a negative flux is a negative difference, and what is below 3 sigma a limit of 5', () => {
    const forced = (days: number, psfFlux: number) => ({
      midpointMjdTai: 61_000 + days,
      band: 'g',
      psfFlux,
      psfFluxErr: 100
    })
    const payload = lsst({ prvDiaForcedSources: [forced(-3, 299), forced(-2, -1000), forced(-1, 301)] })
    const utc = (mjd: number) => Number((mjd - 37 / 86_400).toFixed(4))
    expect(rows(pageOf([payload]))).toEqual([
      [utc(60_997), 'g', null, null, 24.6526, 'f'],
      [utc(60_998), 'g', 23.9, 0.1086, 24.6526, '-f'],
      [utc(60_999), 'g', 25.2036, 0.3607, 24.6526, 'f'],
      [utc(61_000), 'r', 23.6656, 0.0105, 26.9546, '*']
    ])
  })

  test('a made-up supernova has a point for each visit', () => {
    const { alert } = lsstSupernova()
    const { curve, cutouts, title } = pageOf([alert])
    expect(title).toBe('LSST-3527242976319242240')
    expect(curve).toHaveLength((alert.prvDiaForcedSources as unknown[]).length + 1)
    expect(cutouts.map(({ label }) => label)).toEqual(['science', 'template', 'difference'])
  })
})

test('alerts of one object are one light curve, and the newest one is the page; other objects do not get in', () => {
  const at = (jd: number, more: object = {}) =>
    ztf({ candidate: { ...candidate, jd, candid: BigInt(jd) }, candid: BigInt(jd), ...more })
  const page = pageOf(
    [at(2_460_735), at(2_460_738), at(2_460_736), at(2_460_739, { objectId: 'ZTF25bbbbbbb' })].slice(0, 3)
  )
  expect(page.id).toBe('2460738')
  expect(rows(page).map(([mjd, , , , , marks]) => [mjd, marks])).toEqual([
    [60_734.5, ''],
    [60_735.5, ''],
    [60_737.5, '*']
  ])
  const mixed = pageOf([at(2_460_735), at(2_460_738), at(2_460_739, { objectId: 'ZTF25bbbbbbb' })])
  expect([mixed.title, mixed.curve.length]).toEqual(['ZTF25bbbbbbb', 1])
})

test('rows of a flat table are read as alerts', () => {
  const flat = Object.fromEntries(Object.entries(candidate).map(([name, value]) => [`candidate_${name}`, value]))
  expect(pageOf([{ objectId: 'ZTF25aaaaaaa', candid: 1n, ...flat }]).curve).toEqual(pageOf([ztf({})]).curve)
})

test('Hermes: AB magnitudes, limits and mJy; other systems are counted and left out', () => {
  const row = (more: object) => ({
    target_name: 'x',
    date_obs: '2025-03-02T12:00:00Z',
    telescope: 't',
    bandpass: 'g',
    ...more
  })
  const photometry = [
    row({ brightness: 17.5, brightness_error: 0.05, brightness_unit: 'AB mag' }),
    row({ date_obs: '60737.5', brightness: 0.001, brightness_error: 0.0001, brightness_unit: 'mJy' }),
    row({ date_obs: '60738.5', limiting_brightness: 20.5, limiting_brightness_unit: 'AB mag' }),
    row({ date_obs: '60739.5', brightness: 17, brightness_unit: 'Vega mag' })
  ]
  const page = pageOf([
    {
      title: 'T',
      topic: 'hermes.test',
      submitter: 's',
      data: { targets: [{ name: 'x', ra: 10, dec: 20 }], photometry }
    }
  ])
  expect(rows(page)).toEqual([
    [60_736.5, 'g', 17.5, 0.05, null, ''],
    [60_737.5, 'g', 23.9, 0.1086, null, ''],
    [60_738.5, 'g', null, null, 20.5, '']
  ])
  expect(page.lines.find(([label]) => label === 'not AB')?.[1]).toContain('1 row')
})

test('of a visit the detection is kept, then forced photometry, then a limit', () => {
  const point = (more: Partial<Point>): Point => ({
    ...{ mjd: 60_000, band: 'g', magnitude: null, error: null, limit: 20, flux: null, fluxError: null },
    ...{ negative: false, forced: false, alert: false, ...more }
  })
  const limit = point({})
  const forced = point({ magnitude: 21, forced: true, mjd: 60_000.00005 })
  const seen = point({ magnitude: 19 })
  const other = point({ band: 'r' })
  expect(lightCurveOf([limit, forced, seen, other])).toEqual([seen, other])
  expect(lightCurveOf([limit, forced, other])).toEqual([other, forced])
})
