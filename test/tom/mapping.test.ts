import { describe, expect, test } from 'vitest'
import { toGenericAlert, toNormalizedAlert, toTarget } from '../../src/tom/index.ts'
import { alertOf, realAlert, withoutData } from './alerts.ts'

const named = (title: string) => (withoutData ? `${title} (skipped: there is no ../shared/data)` : title)
const PACKET = 'ztf/ztf_20250302_programid1_ZTF17aaarzyp_2982177112815010003.v4_02.avro'

describe.skipIf(withoutData)(named('real alerts'), () => {
  test('a ZTF packet is all three records, as in the worked example', () => {
    const headers = [['kafka.timestamp', Buffer.from('1740888930123')]] as const
    const alert = realAlert(PACKET, { topic: 'ztf-alerts', stream: 'pittgoogle', headers })
    expect(toGenericAlert(alert)).toEqual({
      timestamp: '02 Mar 2025 - 04:15:03',
      id: '2982177112815010003',
      name: 'ZTF17aaarzyp',
      ra: 97.8890196,
      dec: -2.798349,
      mag: 15.883608,
      score: expect.closeTo(0.997, 5),
      url: null
    })
    const { raw_payload: raw, ...normalized } = toNormalizedAlert(alert)
    expect(normalized).toEqual({
      stream_name: 'pittgoogle',
      alert_id: '2982177112815010003',
      topic: 'ztf-alerts',
      observation_time: new Date('2025-03-02T04:15:03.004Z'),
      published_time: new Date(1740888930123),
      object_id: 'ZTF17aaarzyp',
      ra: 97.8890196,
      dec: -2.798349,
      magnitude: 15.883608,
      flux: null
    })
    expect(raw.candid).toBe('2982177112815010003')
    expect(Object.keys(raw).filter((name) => name.startsWith('cutout'))).toEqual([])
    expect(raw.prv_candidates).toHaveLength(14)
    expect(JSON.parse(JSON.stringify(raw))).toEqual(raw)
    expect(toTarget(alert)).toEqual({
      name: 'ZTF17aaarzyp',
      type: 'SIDEREAL',
      ra: 97.8890196,
      dec: -2.798349,
      aliases: []
    })
  })

  test('an LSST alert: TAI is made UTC, the flux is in nJy', () => {
    const alert = realAlert('lsst/lsst.v11_0.avro')
    expect(toGenericAlert(alert)).toMatchObject({
      timestamp: '15 Aug 2025 - 23:49:44',
      name: 'LSST-281323062375219201',
      ra: 351.570547,
      dec: 0.126243,
      mag: expect.closeTo(23.666, 2)
    })
    expect(toNormalizedAlert(alert)).toMatchObject({
      observation_time: new Date('2025-08-15T23:49:44.594Z'),
      object_id: '281323062375219201',
      magnitude: null,
      flux: 1241
    })
    expect(toTarget(alert)).toMatchObject({ name: 'LSST-281323062375219201', type: 'SIDEREAL' })
  })
})

describe('LSST', () => {
  const source = {
    diaSourceId: 170032882292621367n,
    midpointMjdTai: 60902.5,
    ra: 359.99999999,
    dec: -30.5,
    psfFlux: -520.25,
    psfFluxErr: 11,
    band: 'i',
    reliability: 0.93
  }

  test('a negative flux has no magnitude, and stays a flux', () => {
    const alert = alertOf({ diaSource: source, diaObject: { diaObjectId: 5 } })
    expect(toGenericAlert(alert)).toMatchObject({ id: '170032882292621367', mag: null, score: 0.93, ra: 360 })
    expect(toNormalizedAlert(alert)).toMatchObject({ flux: -520.25, magnitude: null, object_id: '5' })
  })

  test('a solar-system object is a target by its orbit, and without one none', () => {
    const moving = { diaSource: source, diaObject: null, ssSource: { ssObjectId: 77n, designation: '2011 AB' } }
    expect(toTarget(alertOf(moving))).toBeUndefined()
    const orbit = { epoch_mjd: 60800, i: 5.5, node: 120, argperi: 30, e: 0.1, a: 2.7, mean_anomaly: 12, q: 2.4 }
    expect(toTarget(alertOf({ ...moving, mpc_orbits: { designation: '2011 AB1', ...orbit } }))).toMatchObject({
      name: '2011 AB1',
      type: 'NON_SIDEREAL',
      scheme: 'MPC_MINOR_PLANET',
      inclination: 5.5,
      lng_asc_node: 120,
      arg_of_perihelion: 30,
      semimajor_axis: 2.7,
      perihdist: 2.4
    })
    const comet = { ...orbit, a: null, mean_anomaly: null, peri_time: 60900 }
    expect(toTarget(alertOf({ ...moving, mpc_orbits: comet }))).toMatchObject({ scheme: 'MPC_COMET', name: '2011 AB' })
  })

  test('a source that no object is known for has no name and is no target', () => {
    const alert = alertOf({ diaSource: { ...source, diaObjectId: 0 }, diaObject: null, ssSource: null })
    expect(toGenericAlert(alert).name).toBeNull()
    expect(toTarget(alert)).toBeUndefined()
  })
})

describe('GCN', () => {
  test('a circular', () => {
    const circular = { circularId: 33603, eventId: 'GRB 230410A', subject: 's', body: 'b', createdOn: 1718212589034 }
    expect(toNormalizedAlert(alertOf(circular))).toMatchObject({
      alert_id: '33603',
      object_id: 'GRB 230410A',
      observation_time: null,
      published_time: new Date(1718212589034)
    })
    expect(toGenericAlert(alertOf(circular)).url).toBe('https://gcn.nasa.gov/circulars/33603')
    expect(toTarget(alertOf(circular))).toBeUndefined()
  })

  test('a circular as Hopskotch has it', () => {
    const header = { title: 'GCN CIRCULAR', number: '33603', subject: 'x', date: '23/04/10 11:26:05 GMT' }
    expect(toNormalizedAlert(alertOf({ header, body: 'b' }))).toMatchObject({
      alert_id: '33603',
      published_time: new Date('2023-04-10T11:26:05Z')
    })
  })

  test('a gravitational wave and its retraction have an event and no position', () => {
    const base = { superevent_id: 'S230518h', time_created: '2023-05-18T13:00:00Z', urls: { gracedb: 'https://g/S' } }
    const event = { time: '2023-05-18T12:59:08.167Z', far: 3.2e-10, skymap: new Uint8Array(10), significant: true }
    const alert = alertOf({ ...base, alert_type: 'INITIAL', event })
    expect(toGenericAlert(alert)).toMatchObject({
      id: 'S230518h-INITIAL-2023-05-18T13:00:00Z',
      name: 'S230518h',
      timestamp: '18 May 2023 - 12:59:08',
      score: 3.2e-10,
      url: 'https://g/S',
      ra: null
    })
    expect(toNormalizedAlert(alert).raw_payload).not.toHaveProperty('event.skymap')
    expect(toTarget(alert)).toBeUndefined()
    const retraction = toGenericAlert(alertOf([{ ...base, alert_type: 'RETRACTION', event: null }]))
    expect(retraction).toMatchObject({ score: 1, timestamp: '18 May 2023 - 13:00:00' })
  })

  test('a notice in JSON', () => {
    const notice = {
      $schema: 'https://gcn.nasa.gov/schema/main/gcn/notices/swift/bat/Guano.schema.json',
      mission: 'Swift',
      alert_datetime: '2023-01-01T05:33:01',
      trigger_time: '2022-12-31T21:46:05.13Z',
      ra: 336.26,
      dec: 25.139,
      far: 0.00001,
      record_number: 3,
      id: ['694215995']
    }
    expect(toNormalizedAlert(alertOf(notice))).toMatchObject({
      alert_id: '694215995 3 2023-01-01T05:33:01',
      object_id: '694215995',
      observation_time: new Date('2022-12-31T21:46:05.130Z'),
      published_time: new Date('2023-01-01T05:33:01Z'),
      ra: 336.26,
      dec: 25.139
    })
    expect(toTarget(alertOf(notice))).toMatchObject({ name: '694215995', ra: 336.26, dec: 25.139 })
  })

  test('a VOEvent, whose values are text', () => {
    const position = { Position2D: { Value2: { C1: '74.741', C2: '-5.313' } } }
    const time = { Time: { TimeInstant: { ISOTime: '2023-04-10T11:26:05.5' } } }
    const where = { ObsDataLocation: { ObservationLocation: { AstroCoords: { ...position, ...time } } } }
    const event = { ivorn: 'ivo://nasa.gsfc.gcn/Swift#1', role: 'test', Who: { Date: '2023-04-10T11:27:00' } }
    expect(toNormalizedAlert(alertOf({ ...event, WhereWhen: where }))).toMatchObject({
      alert_id: 'ivo://nasa.gsfc.gcn/Swift#1',
      ra: 74.741,
      dec: -5.313,
      observation_time: new Date('2023-04-10T11:26:05.500Z'),
      published_time: new Date('2023-04-10T11:27:00Z')
    })
  })

  test('a notice in text', () => {
    const notice = {
      title: 'GCN/FERMI NOTICE',
      notice_date: 'Fri 12 Apr 24 05:34:35 UT',
      notice_type: 'Fermi-GBM Ground Position',
      trigger_num: '734592875',
      grb_ra: '103.7861d {+06h 55m 09s} (J2000),\n104.0d (current)',
      grb_dec: '-5.4500d {-05d 27\' 00"} (J2000)',
      grb_date: '20412 TJD;   103 DOY;   24/04/12',
      grb_time: '20075.50 SOD {05:34:35.50} UT'
    }
    expect(toNormalizedAlert(alertOf(notice))).toMatchObject({
      alert_id: 'Fermi-GBM Ground Position 734592875 Fri 12 Apr 24 05:34:35 UT',
      ra: 103.7861,
      dec: -5.45,
      observation_time: new Date('2024-04-12T05:34:35.500Z')
    })
  })

  test('a binary packet has a time, and no position that can be relied on', () => {
    const packet = {
      words: [],
      packet_type: 61,
      serial_number: 2,
      trigger_number: 5,
      tjd: 20412,
      sod: 60,
      ra: 1,
      dec: 2
    }
    expect(toNormalizedAlert(alertOf(packet))).toMatchObject({
      alert_id: '61-5-2',
      ra: null,
      observation_time: new Date('2024-04-12T00:01:00Z')
    })
  })
})

test.each([{ timestamp: 1, count: 2 }, 'text', null, [], new Uint8Array(3), { objectId: 'x' }])(
  'what is no such alert is refused: %o',
  (payload) => {
    for (const map of [toGenericAlert, toTarget, toNormalizedAlert]) {
      expect(() => map(alertOf(payload, { topic: 'sys.heartbeat' }))).toThrow(/sys\.heartbeat: this is no alert of ZTF/)
    }
  }
)

test('a time stamp of the message stands in for what the survey does not say', () => {
  const candidate = { jd: 2459145.19, fid: 1, ra: 1, dec: 1, magpsf: 18 }
  const alert = alertOf({ objectId: 'ZTF20abc', candid: 7, candidate })
  expect(toNormalizedAlert(alert).published_time).toEqual(alert.publishedAt)
  expect(toGenericAlert(alert).timestamp).toBe('22 Oct 2020 - 16:33:36')
})
