import { randomBytes } from 'node:crypto'
import type { AclEntry } from 'kafkajs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config/index.ts'
import { kafkajs } from '../../src/kafka/wire/index.ts'
import { GcnAlertStream } from '../../src/streams/gcn.ts'
import { setupOf } from '../config/setup.ts'
import { written } from '../config/written.ts'
import { RecordingLog } from '../contract/log.ts'
import { Reading } from '../contract/reading.ts'
import { TestRoom } from '../contract/room.ts'
import { streamSetup } from '../contract/stream-bench.ts'
import { newGroup } from '../kafka/life.ts'
import { readOptions } from '../kafka/options.ts'
import { startTokenServer } from '../services/token-server.ts'
import { describeKafkaSasl, kafka, newTopic, produce, withAdmin } from '../setup/services.ts'

const SECRET = 'canary-of-gcn'
const CREDENTIAL = { CLIENT_ID: 'reader', CLIENT_SECRET: SECRET }
const optionsOf = (given: object) => readOptions(GcnAlertStream.fields, { ...CREDENTIAL, ...given })

/** As it comes out of a configuration of a TOM. */
async function fromYaml(NAME: string, OPTIONS: object) {
  const stream = { NAME, OPTIONS: { ...OPTIONS, TOPIC_HANDLERS: { 'gcn.circulars': 'log' } } }
  const folder = await written({ 'a.yaml': JSON.stringify({ ALERT_STREAMS: [stream] }) })
  const { config, problems } = await loadConfig([`${folder}/a.yaml`], { env: {} })
  if (config === undefined) throw new Error(problems)
  return { ...config, made: config.streams[0]!.make(setupOf(config)) }
}

describe('GcnAlertStream', () => {
  test.each([
    [{}, 'kafka.gcn.nasa.gov:9092'],
    [{ DOMAIN: 'test.gcn.nasa.gov' }, 'kafka.test.gcn.nasa.gov:9092'],
    [{ DOMAIN: 'dev.gcn.nasa.gov' }, 'kafka.dev.gcn.nasa.gov:9092'],
    [{ DOMAIN: 'dev.gcn.nasa.gov', URL: 'kafka://mirror.example.org:9093/' }, 'mirror.example.org:9093']
  ])('finds its brokers: %s', (given, cluster) => {
    expect(GcnAlertStream.reads!(optionsOf(given))).toBe(cluster)
  })

  test('starts at the latest, since no stranger has our group', () => {
    expect(optionsOf({}).START_POSITION).toEqual({ at: 'latest' })
    expect(optionsOf({}).DOMAIN).toBe('gcn.nasa.gov')
  })

  test('reads settings of librdkafka, and says which have no equivalent', () => {
    const settings = {
      'group.id': 'mytom',
      'auto.offset.reset': 'smallest',
      'session.timeout.ms': 45000,
      'enable.auto.commit': false,
      'ssl.ca.location': '/ca.pem',
      'ssl.endpoint.identification.algorithm': 'none',
      'sasl.oauthbearer.scope': '',
      'compression.type': 'zstd'
    }
    const { options, warnings } = GcnAlertStream.complete!(optionsOf({ KAFKA_CONFIG: settings, GROUP_ID: 'other' }))
    expect(options).toMatchObject({
      GROUP_ID: 'mytom',
      START_POSITION: { at: 'earliest' },
      SESSION_TIMEOUT: 45,
      SSL_CA_LOCATION: '/ca.pem',
      VERIFY_HOSTNAME: false,
      SCOPE: undefined,
      KAFKA_CONFIG: undefined
    })
    expect(warnings).toEqual([
      'KAFKA_CONFIG: enable.auto.commit has no equivalent here and is ignored',
      'KAFKA_CONFIG: compression.type has no equivalent here and is ignored'
    ])
    expect(GcnAlertStream.complete!(options)).toEqual({ options })
    const wrong = optionsOf({ KAFKA_CONFIG: { 'auto.offset.reset': 'error' } })
    expect(() => GcnAlertStream.complete!(wrong)).toThrow(/^KAFKA_CONFIG, START_POSITION: expected EARLIEST, LATEST/)
  })

  test.each([
    ['GCNClassicAlertStream', 'GCN_CLASSIC', 'CONFIG'],
    ['GCNKafkaAlertStream', 'GCN_KAFKA', 'KAFKA_CONFIG']
  ])('is the %s of a TOM', async (name, prefix, settings) => {
    const { made, secrets, warnings, streams } = await fromYaml(`tom_alertstreams.alertstreams.gcn.${name}`, {
      [`${prefix}_CLIENT_ID`]: 'reader',
      [`${prefix}_CLIENT_SECRET`]: SECRET,
      DOMAIN: 'gcn.nasa.gov',
      [settings]: { 'group.id': 'mytom', 'enable.auto.commit': false },
      UNKNOWN: 1
    })
    expect(made).toBeInstanceOf(GcnAlertStream)
    expect(made.codec.name).toBe('gcn')
    expect(secrets).toContain(SECRET)
    expect(streams[0]!.grouped).toBe(true)
    expect(warnings).toEqual([
      expect.stringMatching(/enable\.auto\.commit has no equivalent here/),
      expect.stringMatching(/UNKNOWN is ignored/)
    ])
    expect(warnings.join('\n')).not.toContain(SECRET)
  })

  test.each([
    [{ CLIENT_ID: 'reader' }, /GcnAlertStream needs CLIENT_SECRET/],
    [{ ...CREDENTIAL, GCN_KAFKA_CLIENT_ID: 'other' }, /CLIENT_ID and GCN_KAFKA_CLIENT_ID are both given/],
    [{ ...CREDENTIAL, TOKEN_URL: 'http://auth.example.org/' }, /TOKEN_URL: expected https/],
    [{ ...CREDENTIAL, DOMAIN: 'gcn.gsfc.nasa.gov' }, /DOMAIN: expected one of/]
  ])('says what is wrong with %s', async (options, message) => {
    const error: unknown = await fromYaml('GcnAlertStream', options).catch((thrown: unknown) => thrown)
    expect(String(error)).toMatch(message)
    expect(String(error)).not.toContain(SECRET)
  })
})

/** Whoever has a token of alice's. */
async function read(topics: readonly string[]) {
  const server = await startTokenServer(kafka()!.oauthKeyFile!)
  onTestFinished(() => server.close())
  const [log, room] = [new RecordingLog(), new TestRoom()]
  const given = {
    CLIENT_ID: server.clientId,
    CLIENT_SECRET: server.clientSecret,
    TOKEN_URL: server.url,
    URL: kafka()!.saslSsl,
    SSL_CA_LOCATION: kafka()!.caFile,
    GROUP_ID: newGroup(),
    START_POSITION: 'EARLIEST'
  }
  const stream = new GcnAlertStream(readOptions(GcnAlertStream.fields, given), streamSetup({ topics, log, room }))
  const reading = await Reading.start(stream, room)
  onTestFinished(() => reading.close().catch(() => {}))
  return { stream, reading, log }
}

describeKafkaSasl('topics of GCN', () => {
  test('notices are decoded by their topic', async () => {
    const family = randomBytes(4).toString('hex')
    const [circulars, text] = [`gcn.circulars.${family}`, `gcn.classic.text.${family}`]
    await withAdmin((admin) => admin.createTopics({ topics: [circulars, text].map((topic) => ({ topic })) }))
    await produce(circulars, [{ value: '{"circularId": 33603, "subject": "GRB 230410A"}' }])
    await produce(text, [{ value: 'TITLE:      GCN/AMON NOTICE\nSRC_RA:     103.7861d\n' }])
    const { stream, reading } = await read([circulars, text])
    const payloads = (await reading.take(2)).map(
      ({ message }) => [message.topic, stream.codec.decode(message)] as const
    )
    expect(Object.fromEntries(payloads)).toMatchObject({
      [circulars]: { circularId: 33603 },
      [text]: { title: 'GCN/AMON NOTICE', src_ra: '103.7861d' }
    })
  })

  test('that are not there are waited for, with one warning', async () => {
    const missing = [1, 2].map(() => `gcn.notices.${randomBytes(4).toString('hex')}`)
    const { log, reading } = await read(missing)
    expect(log.texts('warn')).toEqual([
      expect.stringMatching(
        `${missing.join(', ')} is not on the broker, which there means that it has had no alert lately`
      )
    ])
    await withAdmin((admin) => admin.createTopics({ topics: [{ topic: missing[1]! }] }))
    await produce(missing[1]!, [{ value: '{}' }])
    expect(await reading.take(1)).toHaveLength(1)
    expect(log.texts('warn')).toHaveLength(1)
  })

  test('that may be seen and not read are named', async () => {
    const [open, closed] = [await newTopic('gcn.open'), await newTopic('gcn.closed')]
    await withAdmin((admin) => admin.createAcls({ acl: [described(closed)] }))
    const { reading } = await read([open, closed])
    await expect(reading.end()).rejects.toMatchObject({
      code: 'CREDENTIALS_REFUSED',
      message: expect.stringContaining(`not allowed to read ${closed}`),
      remedy: 'Ask for read permission on the topic, or leave it out.'
    })
  })
})

/** Alice may ask after the topic, and nothing else. */
function described(topic: string): AclEntry {
  return {
    principal: 'User:alice',
    host: '*',
    permissionType: kafkajs.AclPermissionTypes.ALLOW,
    operation: kafkajs.AclOperationTypes.DESCRIBE,
    resourceType: kafkajs.AclResourceTypes.TOPIC,
    resourceName: topic,
    resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL
  }
}
