import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import hermesAlert from '../../handlers/hermes-alert.ts'
import { loadConfig } from '../../src/config/index.ts'
import type { Outgoing } from '../../src/contract/sink.ts'
import { rowsOf, toHermesMessage } from '../../src/index.ts'
import { DatabaseSink } from '../../src/sinks/database.ts'
import { RecordingLog } from '../contract/log.ts'
import { PATIENCE } from '../contract/reading.ts'
import { sinkSetup, sourceOf } from '../contract/sink-bench.ts'
import { Workshop } from '../docs/workshop.ts'
import { handlerSetup } from '../fakes/handler-setup.ts'
import { readOptions } from '../kafka/options.ts'
import { alertOf, alertsWithin, realZtf, withoutData } from '../tom/alerts.ts'

const ID = '24d66f47-6d56-4ded-97e7-7c1c8f1156e9'
const seen = { target_name: 'AT2024abc', telescope: 'P48', instrument: 'ZTF', bandpass: 'r' }
const message = {
  topic: 'hermes.test',
  title: 't',
  submitter: 's',
  data: {
    targets: [
      { name: 'AT2024abc', ra: 150.175649, dec: '15.2832185', epoch: '2000.0', aliases: ['ZTF24a'], redshift: 0.1 },
      { name: '2011 AB', orbital_elements: { eccentricity: 0.1 } }
    ],
    photometry: [
      {
        ...seen,
        date_obs: '2024-02-10T05:06:07+00:00',
        brightness: 18.21,
        brightness_error: 0.04,
        brightness_unit: 'AB mag'
      },
      { ...seen, telescope: null, date_obs: 60349.2, limiting_brightness: 20.5, brightness_unit: 'AB mag' },
      { ...seen, date_obs: '2460350.7', brightness: -0.002, brightness_error: 0.001, brightness_unit: 'mJy' },
      { ...seen, date_obs: '2024-02-10 05:06:07.123456', brightness: 17, brightness_unit: 'Vega mag' },
      { ...seen, date_obs: '10 Feb 2024 05:06', brightness: 19 }
    ]
  }
}

describe('rows of a message', () => {
  test('data are what a TOM keeps, in its words and in the order of its keys', () => {
    const { data, skipped } = rowsOf(message)
    expect(skipped).toEqual([])
    const common = { filter: 'r', telescope: 'P48', instrument: 'ZTF' }
    const expected = [
      ['2024-02-10T05:06:07.000Z', { error: 0.04, ...common, unit: 'AB mag', magnitude: 18.21 }],
      ['2024-02-09T04:48:00.000Z', { error: '', ...common, telescope: '', unit: 'AB mag', limit: 20.5 }],
      ['2024-02-10T04:48:00.000Z', { error: 0.001, ...common, unit: 'mJy', magnitude: -0.002 }],
      ['2024-02-10T05:06:07.123456Z', { error: '', ...common, unit: 'Vega mag', magnitude: 17 }],
      ['2024-02-10T05:06:00.000Z', { error: '', ...common, unit: 'AB mag', magnitude: 19 }]
    ]
    expect(JSON.stringify(data.map(({ timestamp, value }) => [timestamp, value]))).toBe(JSON.stringify(expected))
    for (const datum of data) {
      expect(datum).toMatchObject({
        target_name: 'AT2024abc',
        data_type: 'photometry',
        source_name: 'hermes.test',
        source_location: 'Hermes via HOP'
      })
    }
  })

  test('targets have positions as numbers, and what is left in extra', () => {
    expect(rowsOf(message).targets).toEqual([
      {
        name: 'AT2024abc',
        type: 'SIDEREAL',
        ra: 150.175649,
        dec: 15.2832185,
        epoch: 2000,
        aliases: ['ZTF24a'],
        extra: { redshift: 0.1 }
      },
      { name: '2011 AB', type: 'NON_SIDEREAL', extra: { orbital_elements: { eccentricity: 0.1 } } }
    ])
  })

  test('what cannot be used is skipped and named, and all else is there', () => {
    const good = message.data.photometry[0]
    const photometry = [
      { ...good, date_obs: 'yesterday' },
      { ...good, date_obs: 9007199254740993n },
      { ...good, brightness: 0 },
      { ...good, bandpass: '' },
      { ...good, target_name: null },
      'text',
      good
    ]
    const { data, targets, skipped } = rowsOf(
      { data: { targets: [{ name: 'x' }, { ra: 1, dec: 1 }], photometry } },
      'a'
    )
    expect([data.length, data[0]!.source_name, targets]).toEqual([1, 'a', []])
    expect(skipped.map(({ row }) => row)).toEqual([
      'data.targets[0]',
      'data.targets[1]',
      ...[0, 1, 2, 3, 4, 5].map((n) => `data.photometry[${n}]`)
    ])
  })

  test.each([null, 'text', [], {}, { data: null }, { data: [] }, { data: { photometry: {}, targets: 7 } }])(
    '%o has none',
    (content) => expect(rowsOf(content)).toEqual({ targets: [], data: [], skipped: [] })
  )

  test.skipIf(withoutData)('of real ZTF packets (in ../shared/data) are what the packets say', () => {
    for (const alert of realZtf().flatMap(alertsWithin)) {
      const { data, targets } = rowsOf(JSON.parse(JSON.stringify(toHermesMessage(alert, { topic: 'a' }))))
      const { candidate, objectId } = alert.payload()
      expect(targets).toMatchObject([{ name: objectId, type: 'SIDEREAL' }])
      expect(data).toMatchObject([
        { target_name: objectId, value: { magnitude: expect.closeTo(Number(candidate.magpsf), 5), unit: 'AB mag' } }
      ])
      const jd = Date.parse(data[0]!.timestamp) / 86_400_000 + 2_440_587.5
      expect(jd).toBeCloseTo(Number(candidate.jd), 7)
    }
  })
})

describe('the handler hermes-alert', () => {
  const call = async (payload: unknown, options: Readonly<Record<string, unknown>> = {}) => {
    const log = new RecordingLog()
    const headers = [['_id', Buffer.from(ID.replaceAll('-', ''), 'hex')]] as const
    const context = { options, log, signal: new AbortController().signal }
    const result = await hermesAlert(alertOf(payload, { topic: 'hermes.test', headers }), context)
    return { log, outgoings: result as readonly Outgoing[] }
  }

  test('publishes each row by itself, fluxes in nJy', async () => {
    const { outgoings } = await call(message)
    expect(outgoings.map(({ value }) => (value as { table: string }).table)).toEqual([
      ...['targets', 'targets'],
      ...['photometry', 'photometry', 'photometry', 'photometry', 'photometry']
    ])
    expect(outgoings[2]!.value).toEqual({
      table: 'photometry',
      row: {
        target: 'AT2024abc',
        mjd: expect.closeTo(60350.21258101852, 9),
        filter: 'r',
        magnitude: 18.21,
        magnitude_error: 0.04,
        unit: 'AB',
        telescope: 'P48',
        instrument: 'ZTF',
        source: 'hermes.test',
        extra: {
          timestamp: '2024-02-10T05:06:07.000Z',
          source_location: 'Hermes via HOP',
          message_id: ID,
          value: { error: 0.04, filter: 'r', telescope: 'P48', instrument: 'ZTF', unit: 'AB mag', magnitude: 18.21 }
        }
      }
    })
    expect(outgoings[3]!.value).toMatchObject({ row: { magnitude_limit: 20.5, unit: 'AB', telescope: null } })
    expect(outgoings[4]!.value).toMatchObject({ row: { flux: -2000, flux_error: 1000, unit: 'nJy' } })
    expect(outgoings[5]!.value).toMatchObject({ row: { magnitude: 17, unit: 'Vega' } })
  })

  test('leaves targets out on request, and logs what is skipped', async () => {
    const { outgoings, log } = await call(message, { TARGETS: false })
    expect(outgoings).toHaveLength(5)
    expect(log.lines).toEqual([])
    const broken = await call({ data: { photometry: [{ ...seen, date_obs: 'yesterday' }] } })
    expect(broken.outgoings).toEqual([])
    expect(broken.log.texts('warn')).toEqual([expect.stringMatching(/data\.photometry\[0\] is skipped: its date_obs/)])
  })

  test('DatabaseSink takes the rows, and the same message twice makes no second datum', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'alertstreams-hermes-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const PATH = join(folder, 'alerts.sqlite')
    const sink = new DatabaseSink(readOptions(DatabaseSink.fields, { PATH }), sinkSetup())
    await sink.connect(AbortSignal.timeout(PATIENCE))
    for (const _ of [1, 2]) {
      const { outgoings } = await call(message)
      const batch = outgoings.map((one) => sink.place(one, sourceOf()))
      expect(await sink.write(batch, AbortSignal.timeout(PATIENCE))).toEqual([])
    }
    await sink.close()
    const database = new DatabaseSync(PATH)
    const count = (table: string) => database.prepare(`SELECT count(*) AS n FROM ${table}`).get()!.n
    expect([count('targets'), count('photometry')]).toEqual([2, 5])
    database.close()
  })

  test("is what a TOM's name of it means", async () => {
    const workshop = new Workshop()
    onTestFinished(() => workshop.remove())
    const routes = { 'tomtoolkit.test': 'tom_dataproducts.alertstreams.hermes.hermes_alert_handler' }
    const stream = { NAME: 'HopskotchAlertStream', OPTIONS: { USERNAME: 'u', PASSWORD: 'p', TOPIC_HANDLERS: routes } }
    const file = workshop.write('tom.yaml', JSON.stringify({ ALERT_STREAMS: [stream] }))
    const { config, problems } = await loadConfig([file], { env: {} })
    expect(problems).toBeUndefined()
    const { handler } = config!.streams[0]!.routes[0]!
    expect(handler!.name).toBe('hermes-alert')
    expect(handler!.open(handlerSetup()).call).toBe(hermesAlert)
  })
})
