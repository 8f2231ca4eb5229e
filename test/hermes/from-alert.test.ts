import { describe, expect, test } from 'vitest'
import hermesMessage from '../../handlers/hermes-message.ts'
import { type HermesMessage, hermesProblems, toHermesMessage } from '../../src/index.ts'
import { ztfAlerts } from '../../src/generate/index.ts'
import { RecordingLog } from '../contract/log.ts'
import { alertOf, alertsWithin, realAlert, realZtf, withoutData } from '../tom/alerts.ts'

const named = (title: string) => (withoutData ? `${title} (skipped: there is no ../shared/data)` : title)
const options = { topic: 'hermes.test' }

describe.skipIf(withoutData)(named('real alerts'), () => {
  test('the alerts of real ZTF packets and of their histories make more than twenty messages, all valid', () => {
    const alerts = realZtf().flatMap(alertsWithin)
    const titles = new Set<string>()
    for (const alert of alerts) {
      for (const history of [false, true]) {
        const message = toHermesMessage(alert, { ...options, history })
        expect(hermesProblems(message)).toEqual([])
        const { objectId, candidate, candid } = alert.payload()
        titles.add(`${candid} ${history}`)
        expect(message.data?.targets).toMatchObject([{ name: objectId, ra: expect.closeTo(Number(candidate.ra), 6) }])
        expect(message.data?.extra_data).toMatchObject({ candid: String(candid), isdiffpos: candidate.isdiffpos })
        expect(message.data?.photometry?.at(-1)).toMatchObject({
          brightness: expect.closeTo(Number(candidate.magpsf), 5)
        })
      }
    }
    expect(titles.size).toBeGreaterThan(20)
  })

  test('the worked example, and its history with limits', () => {
    const alert = realZtf().find((one) => one.payload().objectId === 'ZTF17aaarzyp')!
    const row = {
      target_name: 'ZTF17aaarzyp',
      date_obs: '2025-03-02T04:15:03.004Z',
      telescope: 'Palomar 1.2m Oschin',
      instrument: 'ZTF',
      bandpass: 'r',
      brightness: 15.883608,
      brightness_error: 0.060728,
      brightness_unit: 'AB mag',
      comments: expect.stringMatching(/fainter/)
    }
    expect(toHermesMessage(alert, options)).toEqual({
      topic: 'hermes.test',
      title: 'ZTF alert ZTF17aaarzyp',
      submitter: 'alertstreams',
      authors: '',
      message_text: '',
      data: {
        targets: [{ name: 'ZTF17aaarzyp', ra: 97.8890196, dec: -2.798349 }],
        photometry: [row],
        extra_data: {
          survey: 'ZTF',
          alert_id: '2982177112815010003',
          alert_topic: 'ztf-alerts',
          candid: '2982177112815010003',
          isdiffpos: 'f'
        }
      }
    })
    const all = toHermesMessage(alert, { ...options, history: true }).data!.photometry!
    expect(all).toHaveLength(15)
    expect(all.at(-1)).toEqual(row)
  })

  test('an LSST alert', () => {
    const message = toHermesMessage(realAlert('lsst/lsst.v11_0.avro'), { ...options, history: true })
    expect(hermesProblems(message)).toEqual([])
    expect(message.data?.photometry?.at(-1)).toMatchObject({
      target_name: 'LSST-281323062375219201',
      bandpass: 'r',
      brightness: expect.closeTo(23.666, 3),
      brightness_unit: 'AB mag'
    })
  })
})

describe('synthetic alerts', () => {
  test('of ZTF make valid messages, limits too', () => {
    const messages = [...ztfAlerts(1).take(50)].map(({ alert }) =>
      toHermesMessage(alertOf(alert), { ...options, history: true })
    )
    for (const message of messages) expect(hermesProblems(message)).toEqual([])
    const rows = messages.flatMap((message) => message.data?.photometry ?? [])
    expect(rows.some((row) => row.limiting_brightness !== undefined && row.brightness === undefined)).toBe(true)
  })

  test('a negative flux of LSST goes as mJy, a zero does not go', () => {
    const base = { diaSourceId: 1, midpointMjdTai: 60902.5, ra: 1, dec: 1, psfFlux: -520.25, psfFluxErr: 11, band: 'i' }
    const message = (over: object) =>
      toHermesMessage(alertOf({ diaSource: { ...base, ...over }, diaObject: { diaObjectId: 5 } }), options)
    expect(message({}).data?.photometry).toMatchObject([
      { brightness: -0.00052025, brightness_error: 0.000011, brightness_unit: 'mJy' }
    ])
    expect(message({ psfFlux: 0 }).data).not.toHaveProperty('photometry')
    for (const over of [{}, { psfFlux: 0 }]) expect(hermesProblems(message(over))).toEqual([])
  })

  test.each([
    ['an orbit', { mpc_orbits: { epoch_mjd: 60800, i: 5, node: 1, argperi: 3, e: 0.1, a: 2.7, mean_anomaly: 12 } }],
    ['no orbit', {}]
  ])('a solar-system object with %s', (_, more) => {
    const diaSource = { diaSourceId: 1, midpointMjdTai: 60902.5, ra: 1, dec: 1, psfFlux: 5, band: 'i', ssObjectId: 7 }
    const message = toHermesMessage(alertOf({ diaSource, ssSource: { ssObjectId: 7 }, ...more }), options)
    expect(hermesProblems(message)).toEqual([])
    expect(message.data?.targets?.[0]).toHaveProperty('mpc_orbits' in more ? 'orbital_elements' : 'comments')
  })

  test('a notice of BOOM', () => {
    const data = {
      targets: [{ event_name: 'ZTF25acffkdr', ra: 150.175649, dec: 15.2832185 }],
      photometry: [
        { event_name: 'ZTF25acffkdr', observation_start: '2025-11-27T10:07:08.003Z', telescope: 'P48', filter: 'ztfg' },
        { event_name: 'ZTF25acffkdr', observation_start: '2025-11-28T10:07:08.003Z', telescope: 'P48', filter: 'ztfg' }
      ].map((row, index) => ({ ...row, limiting_mag: 20.48, ...(index === 1 && { mag: 18.1, mag_error: 0.02 }) }))
    }
    const notice = { alert_datetime: '2025-11-28T11:00:00Z', mission: 'Boom', data }
    const message = toHermesMessage(alertOf(notice), { ...options, history: true })
    expect(hermesProblems(message)).toEqual([])
    expect(message.title).toBe('Boom notice: ZTF25acffkdr')
    expect(message.data?.photometry).toMatchObject([{ limiting_brightness: 20.48 }, { brightness: 18.1 }])
  })

  test('a circular and a gravitational wave have no target', () => {
    const circular = toHermesMessage(
      alertOf({ circularId: 5, subject: 'GRB 1', body: 'text', eventId: 'GRB 230410A', createdOn: 1 }),
      options
    )
    const wave = toHermesMessage(alertOf({ superevent_id: 'S1', alert_type: 'INITIAL', event: {} }), options)
    expect(circular).toMatchObject({ title: 'GRB 1', message_text: 'text', data: { event_id: 'GRB 230410A' } })
    expect(wave).toMatchObject({ title: 'S1: INITIAL', data: { event_id: 'S1' } })
    for (const one of [circular, wave]) expect(hermesProblems(one)).toEqual([])
  })
})

describe('the handler hermes-message', () => {
  const call = async (options: Readonly<Record<string, unknown>>) => {
    const candidate = { jd: 2459145.19, fid: 1, ra: 1, dec: 1, magpsf: 18, sigmapsf: 0.1, isdiffpos: 't' }
    const alert = alertOf({ objectId: 'ZTF20abc', candid: 7n, candidate }, { topic: 'ztf', stream: 'night' })
    const context = { options, log: new RecordingLog(), signal: new AbortController().signal }
    return (await hermesMessage(alert, context)) as { key: string; topic?: string; value: HermesMessage }
  }

  test('leaves the topic to the sink', async () => {
    const outgoing = await call({})
    expect(outgoing).toMatchObject({ key: 'ZTF20abc', value: { title: 'ZTF alert ZTF20abc' } })
    expect(outgoing).not.toHaveProperty('topic')
    expect(hermesProblems(outgoing.value)).toEqual([{ path: 'topic', problem: 'This field is required.' }])
  })

  test('has options for what is around the data', async () => {
    const TITLE = '{survey} {name} ({id}) of {topic}, {stream}, {other}'
    const outgoing = await call({ TOPIC: 'hermes.test', TITLE, SUBMITTER: 'me', AUTHORS: 'me, you' })
    expect(outgoing).toMatchObject({
      topic: 'hermes.test',
      value: {
        topic: 'hermes.test',
        title: 'ZTF ZTF20abc (7) of ztf, night, {other}',
        submitter: 'me',
        authors: 'me, you'
      }
    })
    expect(hermesProblems(outgoing.value)).toEqual([])
  })
})
