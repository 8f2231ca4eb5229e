import { expect, test } from 'vitest'
import { Random } from '../../src/generate/random.ts'
import {
  hermesProblems,
  rowsOf,
  toGenericAlert,
  toHermesMessage,
  toNormalizedAlert,
  toTarget
} from '../../src/index.ts'
import { alertOf } from '../tom/alerts.ts'

const ztf = { fid: 1, jd: 2459145.19, ra: 1, dec: 1, magpsf: 18, sigmapsf: 0.1, diffmaglim: 20, isdiffpos: 't' }
const lsst = { diaSourceId: 1, midpointMjdTai: 60902.5, ra: 1, dec: 1, psfFlux: 5, psfFluxErr: 1, band: 'i' }
const orbit = { epoch_mjd: 60800, i: 5, node: 1, argperi: 3, e: 0.1, a: 2.7, mean_anomaly: 12, q: 2, peri_time: 60900 }
const photometry = [
  { event_name: 'x', observation_start: '2025-11-28T10:07:08Z', telescope: 'P48', filter: 'g', mag: 18 }
]

/** One alert of each kind. */
const whole: readonly Readonly<Record<string, unknown>>[] = [
  { objectId: 'ZTF20abc', candid: 7n, candidate: ztf, prv_candidates: [{ ...ztf, magpsf: null }, ztf] },
  { diaSource: lsst, diaObject: { diaObjectId: 5 }, prvDiaSources: [lsst] },
  { diaSource: { ...lsst, ssObjectId: 7 }, ssSource: { ssObjectId: 7, designation: '2011 AB' }, mpc_orbits: orbit },
  { circularId: 5, subject: 'GRB 1', body: 'text', eventId: 'GRB 230410A', createdOn: 1 },
  { superevent_id: 'S1', alert_type: 'INITIAL', time_created: '2023-05-18T13:00:00Z', event: { far: 1, time: 'x' } },
  {
    alert_datetime: '2025-11-28T11:00:00Z',
    mission: 'Boom',
    data: { targets: [{ event_name: 'x', ra: 1, dec: 2 }], photometry }
  },
  { trigger_time: '2025-11-28T11:00:00Z', id: ['1'], instrument: 'WXT', ra: 1, dec: 2, filter: 'V', mag: 3, far: 1 },
  { ivorn: 'ivo://x', role: 'test', Who: { Date: '2023-04-10' }, WhereWhen: { ObsDataLocation: null } },
  { notice_type: 'x', notice_date: 'y', grb_ra: '103.7d', grb_dec: '-5.4d', grb_date: '20412 TJD', grb_time: '7 SOD' }
]
const odd = [
  null,
  undefined,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '',
  ' ',
  'x',
  -1,
  0,
  400,
  1e300,
  10n ** 18n,
  [],
  {},
  true
]

/** A copy with a few of its values replaced. */
function spoilt(value: unknown, random: Random, chance: number): unknown {
  if (random.next() < chance) return odd[Math.floor(random.next() * odd.length)]
  if (Array.isArray(value)) return value.map((item) => spoilt(item, random, chance))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, spoilt(item, random, chance)]))
}

test('whatever is wrong with an alert: it is refused in words, or what is made of it is valid', () => {
  const random = new Random(1)
  let made = 0
  for (let round = 0; round < 4000; round++) {
    const payload = spoilt(whole[round % whole.length], random, 0.08)
    const alert = alertOf(payload)
    try {
      const message = toHermesMessage(alert, { topic: 'a', history: true })
      made++
      expect(hermesProblems(message), JSON.stringify(message)).toEqual([])
      const { skipped } = rowsOf(message)
      expect(skipped).toEqual([])
      const { ra, dec } = toNormalizedAlert(alert)
      expect(ra === null || (ra >= 0 && ra <= 360), String(ra)).toBe(true)
      expect(dec === null || Math.abs(dec) <= 90).toBe(true)
      expect(toGenericAlert(alert).id).toMatch(/\S/)
      toTarget(alert)
    } catch (error) {
      expect(String(error)).toMatch(/this is no alert of ZTF, LSST or GCN/)
    }
  }
  expect(made).toBeGreaterThan(2000)
})
