import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hermesProblems } from '../../src/index.ts'
import { sqliteRows } from '../database/rows.ts'
import {
  committed,
  createTopic,
  describeKafkaSasl,
  kafka,
  newTopic,
  produce,
  type ReadMessage,
  readTopic,
  withAdmin
} from '../setup/services.ts'
import { ends, hasCommitted, newName, sum } from './kafka.ts'
import { FILTER, hasRealPackets, type Packet, passes, realPackets, syntheticPackets } from './packets.ts'
import { until, Workplace } from './program.ts'

/**
 * The settings of the TOM Toolkit's documentation: what a TOM shares with Hermes, and the topic that it reads. Added are
 * where the broker of this test is, where rows go, and a second stream.
 */
const yaml = (topic: string, group: string, output: string) => `
DATA_SHARING:
  hermes:
    DISPLAY_NAME: \${HERMES_DISPLAY_NAME:-Hermes}
    BASE_URL: \${HERMES_BASE_URL:-https://hermes.lco.global/}
    CREDENTIAL_USERNAME: \${SCIMMA_CREDENTIAL_USERNAME}
    CREDENTIAL_PASSWORD: \${SCIMMA_CREDENTIAL_PASSWORD}
    USER_TOPICS: [hermes.test, tomtoolkit.test]
    BROKER_URL: \${BROKER}

ALERT_STREAMS:
  - ACTIVE: True
    NAME: tom_alertstreams.alertstreams.hopskotch.HopskotchAlertStream
    OPTIONS:
      URL: \${BROKER}
      USERNAME: \${SCIMMA_CREDENTIAL_USERNAME}
      PASSWORD: \${SCIMMA_CREDENTIAL_PASSWORD}
      TOPIC_HANDLERS:
        tomtoolkit.test:
          HANDLER: tom_dataproducts.alertstreams.hermes.hermes_alert_handler
          SINKS: database

  - NAME: KafkaAlertStream
    OPTIONS:
      URL: \${BROKER}
      USERNAME: \${SCIMMA_CREDENTIAL_USERNAME}
      PASSWORD: \${SCIMMA_CREDENTIAL_PASSWORD}
      GROUP_ID: ${group}
      TOPIC_HANDLERS:
        ${topic}:
          FILTER: ${FILTER}
          HANDLER: hermes-message
          OPTIONS: { TOPIC: ${output} }
          SINKS: hermes

SINKS:
  database: { NAME: DatabaseSink, OPTIONS: { PATH: alerts.sqlite } }
`

const USER = 'alice'
/** Where nobody names another. */
const GROUP = 'alice-alertstreams'

/** As Hermes publishes it: the body, and the headers of hop-client. */
function published(name: string): { readonly value: string; readonly headers: ReadMessage['headers'] } {
  const title = `Photometry of ${name}`
  const row = { target_name: name, telescope: 'P48', instrument: 'ZTF', bandpass: 'r', brightness_unit: 'AB mag' }
  const photometry = [
    { ...row, date_obs: '2024-02-10T00:00:00+00:00', brightness: 18.21, brightness_error: 0.04 },
    { ...row, date_obs: '2024-02-09T00:00:00+00:00', limiting_brightness: 20.5 }
  ]
  const targets = [{ name, ra: 150.175649, dec: 15.2832185, epoch: '2000.0', new_discovery: false }]
  const body = { title, topic: 'tomtoolkit.test', message_text: '', submitter: 'J. Doe', authors: 'J. Doe (LCO)' }
  const headers = [
    ['topic', Buffer.from('tomtoolkit.test')],
    ['_id', randomBytes(16)],
    ['_format', Buffer.from('json')],
    ['title', Buffer.from(title)],
    ['_sender', Buffer.from('somebody')]
  ] as const
  return { value: JSON.stringify({ ...body, data: { targets, photometry } }), headers }
}

describeKafkaSasl("the TOM Toolkit's own configuration", () => {
  const timeout = 90_000

  test('takes photometry from Hopskotch to a database, and alerts to Hermes: synthetic packets', { timeout }, () =>
    relay(syntheticPackets(40))
  )

  test(
    "the same with ZTF's own packets (skipped where ../shared/data/ztf is absent)",
    { timeout, skip: !hasRealPackets },
    async () => relay(await realPackets(3))
  )

  test('does not start where it would read what it writes: both places are named', async () => {
    await using place = new Workplace({}, { 'alertstreams.yaml': yaml('ztf', 'group', 'tomtoolkit.test') })
    const run = place.start({ env: environment() })
    expect(await run.end()).toBe(2)
    const { line, col } = { line: lineOf(place, 'SINKS: hermes'), col: 18 }
    expect(run.output).toContain(`alertstreams.yaml:${line}:${col}: a loop: hermes writes tomtoolkit.test to`)
    expect(run.output).toContain(`reads it, at alertstreams.yaml:${lineOf(place, '        tomtoolkit.test:')}:9`)
    expect(run.output).not.toContain(`${USER}-secret`)
  })
})

async function relay(packets: readonly Packet[]): Promise<void> {
  const [topic, name] = [await newTopic('ztf'), newName('AT2024')]
  await provide('tomtoolkit.test', 'hermes.test')
  await using place = new Workplace({}, { 'alertstreams.yaml': yaml(topic, newName('group'), 'hermes.test') })
  await produce(
    topic,
    packets.map(({ bytes }) => ({ value: bytes }))
  )
  const run = place.start({ env: environment() })
  const isReading = async () => (await committed(GROUP, 'tomtoolkit.test').catch(() => [])).some((one) => one >= 0n)
  await until(isReading, 'the stream to begin', 30, () => run.output)
  const message = published(name)
  // The same message again makes no second row.
  await produce('tomtoolkit.test', [message, message])
  const end = sum(await withAdmin((admin) => ends(admin, 'tomtoolkit.test')))

  const expected = packets.filter(passes).map(({ candid }) => String(candid))
  expect(expected.length).toBeGreaterThan(0)
  const sent = async () => (await readTopic('hermes.test')).filter((one) => extraOf(one).alert_topic === topic)
  await until(
    async () => (await sent()).length >= expected.length,
    'the messages',
    40,
    () => run.output
  )
  const rows = (sql: string) => sqliteRows(join(place.folder, 'alerts.sqlite'), sql)
  const measured = () => rows(`SELECT * FROM photometry WHERE target = '${name}' ORDER BY mjd`)
  await until(hasCommitted(GROUP, 'tomtoolkit.test', end), 'the rows', 30, () => run.output)
  run.signal('SIGTERM')
  expect(await run.end(), run.output).toBe(0)

  expect(rows(`SELECT name, type, ra, dec, epoch FROM targets WHERE name = '${name}'`)).toEqual([
    { name, type: 'SIDEREAL', ra: 150.175649, dec: 15.2832185, epoch: 2000 }
  ])
  const same = { filter: 'r', telescope: 'P48', instrument: 'ZTF', unit: 'AB', source: 'tomtoolkit.test' }
  expect(measured()).toMatchObject([
    { ...same, mjd: 60349, magnitude: null, magnitude_limit: 20.5 },
    { ...same, mjd: 60350, magnitude: 18.21, magnitude_error: 0.04, magnitude_limit: null }
  ])

  const messages = await sent()
  expect(messages.map((one) => extraOf(one).alert_id).toSorted()).toEqual(expected.toSorted())
  for (const one of messages) {
    const body = bodyOf(one)
    expect(hermesProblems(body)).toEqual([])
    expect(one.headers.map(([header]) => header)).toEqual(['topic', '_id', '_format', 'title', '_sender'])
    const [topicHeader, id, format, title, sender] = one.headers.map(([, value]) => Buffer.from(value!))
    expect([topicHeader, format, title, sender].map(String)).toEqual(['hermes.test', 'json', body.title, USER])
    expect(id!.toString('hex')).toBe(body.data.alertstreams_id.replaceAll('-', ''))
  }
  const { balanced, streams, sinks } = place.account()
  expect(balanced).toBe(true)
  expect(streams['kafka-alert-stream']!.topics[topic]).toMatchObject({
    received: packets.length,
    delivered: expected.length,
    filtered: packets.length - expected.length
  })
  expect(sinks.hermes).toMatchObject({ taken: expected.length, written: expected.length })
  expect(place.everything()).not.toContain(`${USER}-secret`)
}

interface Body {
  readonly title: string
  readonly data: { readonly alertstreams_id: string; readonly extra_data?: Readonly<Record<string, unknown>> }
}

function bodyOf({ value }: ReadMessage): Body & Readonly<Record<string, unknown>> {
  return JSON.parse(value!.toString())
}

function extraOf(message: ReadMessage): Readonly<Record<string, unknown>> {
  return bodyOf(message).data?.extra_data ?? {}
}

function environment(): Readonly<Record<string, string>> {
  const { saslSsl, caFile } = kafka()!
  return {
    BROKER: `kafka://${saslSsl}/`,
    NODE_EXTRA_CA_CERTS: caFile!,
    SCIMMA_CREDENTIAL_USERNAME: USER,
    SCIMMA_CREDENTIAL_PASSWORD: `${USER}-secret`
  }
}

async function provide(...topics: readonly string[]): Promise<void> {
  const there = await withAdmin((admin) => admin.listTopics())
  for (const topic of topics) if (!there.includes(topic)) await createTopic(topic)
}

/** The first line of the configuration that has this text, counted from 1. */
function lineOf(place: Workplace, text: string): number {
  return (
    place
      .read('alertstreams.yaml')
      .split('\n')
      .findIndex((line) => line.includes(text)) + 1
  )
}
