import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { codecOf } from '../../src/codecs/usual.ts'
import { loadConfig } from '../../src/config/index.ts'
import type { Fields } from '../../src/contract/options.ts'
import type { AlertStream, Delivery, StreamClass, StreamEvent, StreamSetup } from '../../src/contract/stream.ts'
import { kafkajs } from '../../src/kafka/wire/index.ts'
import { AlerceAlertStream } from '../../src/streams/alerce.ts'
import { AntaresAlertStream } from '../../src/streams/antares.ts'
import { BabamulAlertStream } from '../../src/streams/babamul.ts'
import { FinkAlertStream } from '../../src/streams/fink.ts'
import { KafkaAlertStream } from '../../src/streams/kafka.ts'
import { LasairAlertStream } from '../../src/streams/lasair.ts'
import { candidateRecord, keyedCandidate } from '../codecs/candidate.ts'
import { written } from '../config/written.ts'
import { RecordingLog } from '../contract/log.ts'
import { Reading } from '../contract/reading.ts'
import { TestRoom } from '../contract/room.ts'
import { streamSetup } from '../contract/stream-bench.ts'
import { blocksOf, root } from '../docs/blocks.ts'
import { newGroup, numbered, numbersOf, upTo } from '../kafka/life.ts'
import { readOptions } from '../kafka/options.ts'
import {
  committed,
  describeKafka,
  describeKafkaSasl,
  kafka,
  kafkaClient,
  newTopic,
  produce,
  withAdmin
} from '../setup/services.ts'

type Given = Readonly<Record<string, unknown>>
const PASSWORD = 'alice-secret'

function open<F extends Fields>(Class: StreamClass<F>, given: Given, over: Partial<StreamSetup> = {}): AlertStream {
  return new Class(readOptions(Class.fields, given), streamSetup(over))
}

async function read<F extends Fields>(Class: StreamClass<F>, topics: readonly string[], given: Given) {
  const [log, room, events] = [new RecordingLog(), new TestRoom(), [] as StreamEvent[]]
  const stream = open(Class, given, { topics, log, room, note: (event) => events.push(event) })
  const reading = await Reading.start(stream, room)
  onTestFinished(() => reading.close().catch(() => {}))
  return { stream, reading, log, events }
}

/** `reads` of options as they would be given. */
const readsOf =
  <F extends Fields>(Class: StreamClass<F>) =>
  (given: Given) =>
    Class.reads!(readOptions(Class.fields, given))

describe('a broker', () => {
  const names = ['alerce', 'antares', 'babamul', 'fink', 'lasair']

  test.each(names)('is one file of at most 40 lines (%s)', (name) => {
    const lines = readFileSync(join(root, `src/streams/${name}.ts`), 'utf8')
      .trimEnd()
      .split('\n')
    expect(lines.length).toBeLessThanOrEqual(40)
  })

  test('is added as CONTRIBUTING.md says: what it shows of one is what is there', () => {
    const shown = blocksOf('CONTRIBUTING.md').map(({ text }) => text)
    for (const file of [
      'src/streams/lasair.ts',
      'src/streams/index.ts',
      'test/harnesses/kafka.ts',
      'test/streams.test.ts'
    ]) {
      const block = shown.find((text) => text.startsWith(`// ${file}`))
      const source = readFileSync(join(root, file), 'utf8')
      for (const line of block?.split('\n').slice(1) ?? ['nothing']) expect(source, file).toContain(line)
    }
    expect(shown).toContain(`// src/streams/lasair.ts\n${readFileSync(join(root, 'src/streams/lasair.ts'), 'utf8')}`)
  })

  test('says whose credentials and which group it needs', () => {
    const plain = readsOf(KafkaAlertStream)
    expect(() => plain({ URL: 'a:1' })).toThrow(/neither GROUP_ID nor a user name/)
    expect(() => plain({ URL: 'a:1', GROUP_ID: 'mine', NIGHTS: 1 })).toThrow(/NIGHTS/)
    expect(() => plain({ URL: 'a:1', USERNAME: 'alice' })).toThrow(/there is no PASSWORD/)
    expect(plain({ URL: 'b:1,A:2', USERNAME: 'alice', PASSWORD })).toBe('a:2,b:1')
    const babamul = readsOf(BabamulAlertStream)
    const user = { USERNAME: 'babamul-7', PASSWORD }
    expect(babamul(user)).toBe('kaboom.caltech.edu:9093')
    expect(() => babamul({ ...user, GROUP_ID: 'mine' })).toThrow(/GROUP_ID mine would be refused/)
    expect(() => babamul({ ...user, GROUP_ID: 'babamul-7-mine' })).not.toThrow()
    expect(readsOf(FinkAlertStream)({ URL: 'a:1', GROUP_ID: 'issued', USERNAME: 'alice' })).toBe('a:1')
  })

  test.each([
    ['Lasair', LasairAlertStream, ['GROUP_ID']],
    ['ALeRCE', AlerceAlertStream, ['GROUP_ID']],
    ['Fink', FinkAlertStream, ['URL', 'GROUP_ID']],
    ['ANTARES', AntaresAlertStream, ['API_KEY', 'API_SECRET']],
    ['Babamul', BabamulAlertStream, []],
    ['any Kafka', KafkaAlertStream, ['URL']]
  ])('needs no other options (%s)', (_, { fields }, required) => {
    expect(
      Object.keys(fields)
        .filter((name) => (fields as Fields)[name]!.required)
        .sort()
    ).toEqual(required.toSorted())
  })

  test('begins a new group as its own client does', () => {
    const start = (Class: { readonly fields: Fields }) => Class.fields.START_POSITION!.fallback
    expect(start(BabamulAlertStream)).toEqual({ at: 'latest' })
    for (const Class of [LasairAlertStream, AlerceAlertStream, FinkAlertStream, AntaresAlertStream, KafkaAlertStream])
      expect(start(Class)).toEqual({ at: 'earliest' })
  })
})

describe('the settings of a TOM', () => {
  const stream = (name: string, options: string) =>
    `ALERT_STREAMS: [{ ACTIVE: True, NAME: tom_${name}, OPTIONS: { ${options} } }]`

  async function load(text: string) {
    const folder = await written({ 'a.yaml': text })
    return loadConfig([join(folder, 'a.yaml')], { env: {} })
  }

  test('for ANTARES run as they are', async () => {
    const options = 'API_KEY: k, API_SECRET: canary, GROUP: g, ENABLE_AUTO_COMMIT: True, TOPIC_HANDLERS: { a_tag: log }'
    const { problems, config } = await load(stream('alertstreams.alertstreams.antares.AntaresAlertStream', options))
    expect(problems).toBeUndefined()
    expect(config!.warnings).toEqual([expect.stringContaining('ENABLE_AUTO_COMMIT is ignored')])
    expect(config!.streams).toHaveLength(1)
    expect(config!.secrets).toContain('canary')
  })

  test('for Fink run as they are', async () => {
    const options =
      'URL: "a:1", USERNAME: u, GROUP_ID: g, TOPIC: t, MAX_POLL_NUMBER: 10, TIMEOUT: 5, TOPIC_HANDLERS: { fink.stream: log }'
    const { problems, config } = await load(stream('fink.alertstream.FinkAlertStream', options))
    expect(problems).toBeUndefined()
    expect(config!.warnings.join('\n')).toMatch(/MAX_POLL_NUMBER is ignored.*TIMEOUT is ignored/s)
    expect(config!.warnings).toHaveLength(2)
  })
})

describeKafkaSasl('AntaresAlertStream', () => {
  const given = () => ({
    URL: kafka()!.saslSsl!.replace('127.0.0.1', '127.1'),
    SSL_CA_LOCATION: kafka()!.caFile,
    API_KEY: 'alice',
    API_SECRET: PASSWORD,
    GROUP_ID: newGroup()
  })

  test('knows tags without what the broker has before them, and reads loci', async () => {
    const tag = (await newTopic('client.a_tag')).slice('client.'.length)
    const locus = {
      id: 'ANT2026abc',
      ra: 10.5,
      dec: -3.25,
      properties: { n: 9007199254740993n },
      tags: [],
      catalogs: []
    }
    const { bytes } = codecOf('antares').encode(locus)
    await produce(`client.${tag}`, [{ value: Buffer.from(bytes) }])
    const { reading, stream } = await read(AntaresAlertStream, [`${tag.slice(0, -1)}?`], given())
    const [delivery] = await reading.take(1)
    expect(delivery!.message).toMatchObject({ topic: tag, id: `${tag}/0/0` })
    expect(delivery!.partition).toBe(`client.${tag}/0`)
    expect(stream.codec.decode(delivery!.message)).toEqual(locus)
  })

  test.each([
    ['a certificate for another name, where that is asked for', { VERIFY_HOSTNAME: true }, /altnames/],
    ['a certificate authority that nobody knows', { SSL_CA_LOCATION: undefined }, /self-signed/]
  ])('refuses %s', async (_, more, message) => {
    const stream = open(AntaresAlertStream, { ...given(), ...more }, { topics: ['a'] })
    const error = await stream.connect(AbortSignal.timeout(20_000)).catch((error: unknown) => error)
    await stream.close()
    expect(error).toMatchObject({ code: 'CONNECT_FAILED', message: expect.stringMatching(message) })
  })
})

describeKafka('FinkAlertStream', () => {
  test('reads the one topic that a TOM calls fink.stream, without asking a name for its password', async () => {
    const TOPIC = await newTopic('fink_a_filter_ztf', 2)
    await produce(TOPIC, numbered(0, 4, 2))
    const given = { URL: kafka()!.plaintext, GROUP_ID: newGroup(), USERNAME: 'nobody', TOPIC }
    const { reading } = await read(FinkAlertStream, ['fink.stream'], given)
    const deliveries = await reading.take(4)
    expect(numbersOf(deliveries)).toEqual(upTo(4))
    for (const { message } of deliveries) expect(message.topic).toBe('fink.stream')
  })

  test('reads alerts by the schema in their keys', async () => {
    const topic = await newTopic('fink_in_tns_lsst')
    const { key, bytes } = keyedCandidate()
    await produce(topic, [{ key: Buffer.from(key), value: Buffer.from(bytes) }])
    const { reading, stream } = await read(FinkAlertStream, [topic], { URL: kafka()!.plaintext, GROUP_ID: newGroup() })
    const [delivery] = await reading.take(1)
    expect(stream.codec.decode(delivery!.message)).toEqual(candidateRecord)
  })
})

describeKafka('LasairAlertStream', () => {
  const given = () => ({ URL: kafka()!.plaintext, GROUP_ID: newGroup(), SESSION_TIMEOUT: 6 })
  const decoded = (stream: AlertStream, { message }: Delivery) => stream.codec.decode(message)

  test('keeps ids of 18 digits, and numbers that Python alone writes', async () => {
    const topic = await newTopic('lasair_2filter')
    await produce(topic, [{ value: '{"diaObjectId": 313761043604045880, "ra": 10.5, "decl": -3, "z": NaN}' }])
    const { reading, stream } = await read(LasairAlertStream, [topic], given())
    const [delivery] = await reading.take(1)
    expect(decoded(stream, delivery!)).toEqual({ diaObjectId: 313761043604045880n, ra: 10.5, decl: -3, z: Number.NaN })
  })

  test('goes on when the filter is edited, which deletes its records', { timeout: 60_000 }, async () => {
    const topic = await newTopic('lasair_2filter')
    await produce(topic, numbered(0, 20))
    const options = given()
    const first = await read(LasairAlertStream, [topic], options)
    first.reading.ack((await first.reading.take(20)).slice(0, 5))
    await vi.waitFor(async () => expect(await committed(options.GROUP_ID, topic)).toEqual([5n]), 10_000)
    await first.reading.close()
    await withAdmin(async (admin) => {
      await admin.fetchTopicOffsets(topic)
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '-1' }] })
    })
    const second = await read(LasairAlertStream, [topic], options)
    await vi.waitFor(
      () => expect(second.events).toContainEqual({ kind: 'gap', topic, partition: 0, missed: 15 }),
      10_000
    )
    await produce(topic, numbered(20, 30))
    expect(numbersOf(await second.reading.take(10))).toEqual(upTo(10).map((n) => n + 20))
  })

  test('goes on when the filter is saved anew, which makes its topic again', { timeout: 60_000 }, async () => {
    const topic = await newTopic('lasair_2filter')
    await produce(topic, numbered(0, 10))
    const options = given()
    const lives = [await read(LasairAlertStream, [topic], options)]
    lives[0]!.reading.ack(await lives[0]!.reading.take(10))
    await vi.waitFor(async () => expect(await committed(options.GROUP_ID, topic)).toEqual([10n]), 10_000)
    await withAdmin((admin) => admin.deleteTopics({ topics: [topic] }))
    const made = () => withAdmin((admin) => admin.createTopics({ topics: [{ topic }], waitForLeaders: true }))
    await vi.waitFor(made, { timeout: 10_000, interval: 500 })
    await produce(topic, numbered(10, 14))
    const found = async () => {
      const { reading } = lives.at(-1)!
      if (reading.isOver) {
        await reading.close().catch(() => {})
        lives.push(await read(LasairAlertStream, [topic], options))
      }
      expect(new Set(numbersOf(lives.flatMap(({ reading }) => reading.deliveries)))).toEqual(new Set(upTo(14)))
    }
    await vi.waitFor(found, { timeout: 40_000, interval: 200 })
  })

  test('waits for the topic of a filter that nothing has passed yet, and reads the others', {
    timeout: 60_000
  }, async () => {
    const [there, empty] = [await newTopic('lasair_2filter'), `lasair_2empty-${randomBytes(4).toString('hex')}`]
    await produce(there, numbered(0, 4))
    const { reading, log } = await read(LasairAlertStream, [empty, there], given())
    await reading.take(4)
    expect(log.texts('warn').join()).toContain(empty)
    await withAdmin((admin) => admin.createTopics({ topics: [{ topic: empty }] }))
    await produce(empty, numbered(10, 14))
    expect(numbersOf(await reading.take(4))).toEqual([10, 11, 12, 13])
  })
})

describeKafkaSasl('BabamulAlertStream', () => {
  test('reads batches compressed by zstd, from now on', async () => {
    const topic = await newTopic('babamul.ztf.lsst-match.hosted', 3, { 'compression.type': 'producer' })
    await produce(topic, numbered(0, 3, 3))
    const given = { URL: kafka()!.saslPlaintext, USERNAME: 'alice', PASSWORD, GROUP_ID: `babamul-${newGroup()}` }
    const { reading } = await read(BabamulAlertStream, [topic], given)
    await vi.waitFor(async () => expect(await committed(given.GROUP_ID, topic)).toEqual([1n, 1n, 1n]), 10_000)
    const producer = kafkaClient().producer()
    await producer.connect()
    const messages = numbered(3, 33, 3).map(({ value, partition }) => ({ value: value.padEnd(500), partition }))
    await producer.send({ topic, compression: kafkajs.CompressionTypes.ZSTD, messages })
    await producer.disconnect()
    expect(numbersOf(await reading.take(30))).toEqual(upTo(30).map((n) => n + 3))
  })
})
