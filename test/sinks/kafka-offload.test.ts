import { randomBytes } from 'node:crypto'
import { deserialize } from 'bson'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HopCodec } from '../../src/codecs/hop.ts'
import type { Headers } from '../../src/contract/alert.ts'
import { fallbacksOf } from '../../src/contract/options.ts'
import type { Outgoing } from '../../src/contract/sink.ts'
import { offloadEndpoint } from '../../src/kafka/offload-endpoint.ts'
import { kafkajs } from '../../src/kafka/wire/index.ts'
import { KafkaSink } from '../../src/sinks/kafka.ts'
import { RecordingLog } from '../contract/log.ts'
import { PATIENCE } from '../contract/reading.ts'
import { sinkSetup, sourceOf } from '../contract/sink-bench.ts'
import { OffloadService, uuidOf } from '../fakes/offload-service.ts'
import { sinkOptions } from '../kafka/options.ts'
import {
  createTopic,
  describeKafka,
  describeKafkaSasl,
  kafka,
  kafkaClient,
  newTopic,
  produce,
  readTopic,
  withAdmin
} from '../setup/services.ts'

const LIMIT = 5000
const soon = () => AbortSignal.timeout(PATIENCE)
const opened: KafkaSink[] = []
let service: OffloadService
beforeEach(async () => {
  service = await OffloadService.start()
})
afterEach(async () => {
  for (const sink of opened.splice(0)) await sink.close()
  await service[Symbol.asyncDispose]()
})

/** It has SASL credentials for the service and none for the plain listener, which does not ask. */
async function connected(given: Readonly<Record<string, unknown>>): Promise<KafkaSink> {
  const sink = new KafkaSink(sinkOptions({ OFFLOAD: service.endpoint, ...given }), sinkSetup())
  opened.push(sink)
  await sink.connect(soon())
  return sink
}

const place = (sink: KafkaSink, outgoings: readonly Outgoing[]) => outgoings.map((one) => sink.place(one, sourceOf()))
const smallTopic = () => newTopic('offload', 1, { 'max.message.bytes': String(LIMIT) })
const asJson = (value: Buffer | null) => JSON.parse(value!.toString()) as Record<string, string>
const named = (headers: Headers, name: string) => headers.find((header) => header[0] === name)?.[1]
const uploads = () => service.calls.filter(({ method, bytes }) => method === 'POST' && bytes.length > 0)

/** Nobody need say who he is. */
function openToAll(): void {
  service.intercept = ({ method }, response, { path, bytes }) => {
    if (method !== 'POST') return false
    const { headers, message } = deserialize(bytes, { promoteBuffers: true })
    const id = (headers as [string, Buffer][]).find(([name]) => name === '_id')![1]
    service.stored.set(`/msg/${uuidOf(id)}`, bytes)
    response.writeHead(path.endsWith('+oversized') && message.length > 0 ? 201 : 400).end()
    return true
  }
}

describeKafka('KafkaSink with OFFLOAD', () => {
  test('what is too large is stored elsewhere and read back whole; all keep their order', async () => {
    openToAll()
    const topic = await smallTopic()
    const sink = await connected({ TOPIC: topic })
    const id = randomBytes(16)
    const large = { text: 'x'.repeat(LIMIT), candid: 472263571115115000n }
    const headers = [
      ['_id', id],
      ['_test', 'true'],
      ['_format', 'json']
    ] as const
    const batch = place(sink, [
      { value: { number: 0 }, key: 'k' },
      { value: large, key: 'k', headers },
      { value: { number: 2 }, key: 'k' }
    ])
    expect(await sink.write(batch, soon())).toEqual([])
    const [first, second, third] = await readTopic(topic)
    expect([asJson(first!.value), asJson(third!.value)]).toEqual([{ number: 0 }, { number: 2 }])
    expect(asJson(second!.value)).toEqual({ url: `${service.endpoint}/msg/${uuidOf(id)}` })
    expect(second!.key!.toString()).toBe('k')
    expect(second!.headers.map(([name]) => name)).toEqual(['_id', '_test', '_format'])
    expect(named(second!.headers, '_id')).toHaveLength(16)
    expect(named(second!.headers, '_id')).not.toEqual(id)
    expect(uploads().map(({ path }) => path)).toEqual([`/topic/${topic}+oversized`])

    const hop = new HopCodec(
      { ...fallbacksOf(HopCodec.fields), EXTERNAL_HOSTS: [service.host] },
      { log: new RecordingLog(), baseDir: '.', stateDir: '.' }
    )
    service.readersAreKnown = false
    const { value, key } = second!
    const message = { ...sourceOf().message, headers: second!.headers, key, bytes: value }
    const whole = await hop.prepare(message, soon())!
    expect(hop.decode(whole)).toEqual(large)
    expect([Buffer.from(whole.key!).toString(), whole.headers.map(([name]) => name)]).toEqual([
      'k',
      ['_id', '_test', '_format']
    ])
  })

  test('a message without an id gets one, the same on each attempt, and is not stored twice', async () => {
    openToAll()
    const open = service.intercept!
    let failures = 2
    service.intercept = (request, response, call) => {
      if (failures-- <= 0) return open(request, response, call)
      response.writeHead(503).end()
      return true
    }
    const topic = await smallTopic()
    const sink = await connected({ TOPIC: topic })
    const batch = place(sink, [{ value: Buffer.alloc(LIMIT) }, { value: 'after it' }])
    await expect(sink.write(batch, soon())).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: /HTTP 503/ })
    await expect(sink.write(batch, soon())).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' })
    expect(await readTopic(topic)).toEqual([])
    expect(await sink.write(batch, soon())).toEqual([])
    const ids = uploads().map(({ bytes }) => String(deserialize(bytes).headers[0][1].toString('hex')))
    expect(ids).toHaveLength(3)
    expect(new Set(ids).size).toBe(1)
    // The outbox writes the same array again where another part of it has failed.
    expect(await sink.write(batch, soon())).toEqual([])
    expect(uploads()).toHaveLength(3)
    expect(await readTopic(topic)).toHaveLength(2)
  })

  test.each([
    [400, 'SINK_REJECTED'],
    [413, 'SINK_REJECTED'],
    [500, 'SINK_REJECTED'],
    [505, 'SINK_REJECTED'],
    [302, 'SINK_UNAVAILABLE'],
    [401, 'SINK_UNAVAILABLE'],
    [403, 'SINK_UNAVAILABLE'],
    [404, 'SINK_UNAVAILABLE'],
    [502, 'SINK_UNAVAILABLE'],
    [503, 'SINK_UNAVAILABLE'],
    [504, 'SINK_UNAVAILABLE']
  ])('HTTP %i is %s', async (status, code) => {
    service.intercept = (_, response) => {
      response.writeHead(status).end()
      return true
    }
    const topic = await smallTopic()
    const sink = await connected({ TOPIC: topic })
    const batch = place(sink, [{ value: 'before' }, { value: Buffer.alloc(LIMIT) }, { value: 'after' }])
    if (code === 'SINK_UNAVAILABLE') {
      await expect(sink.write(batch, soon())).rejects.toMatchObject({
        code,
        message: expect.stringContaining(String(status))
      })
      expect(await readTopic(topic)).toEqual([])
      return
    }
    const rejections = await sink.write(batch, soon())
    expect(rejections).toEqual([{ index: 1, code, reason: expect.stringContaining(`HTTP ${status}`) }])
    expect((await readTopic(topic)).map(({ value }) => value!.toString())).toEqual(['"before"', '"after"'])
  })

  test('a service that is away is SINK_UNAVAILABLE', async () => {
    const topic = await smallTopic()
    const sink = await connected({ TOPIC: topic, OFFLOAD: 'http://127.0.0.1:1' })
    const batch = place(sink, [{ value: Buffer.alloc(LIMIT) }])
    await expect(sink.write(batch, soon())).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: /127.0.0.1:1/ })
  })

  test('what a limit lowered meanwhile refuses is stored too', async () => {
    openToAll()
    const topic = await smallTopic()
    const sink = await connected({ TOPIC: topic })
    const configEntries = [{ name: 'max.message.bytes', value: '2000' }]
    const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries }]
    await withAdmin((admin) => admin.alterConfigs({ validateOnly: false, resources }))
    const batch = place(sink, [{ value: 'before' }, { value: Buffer.alloc(3000) }, { value: 'after' }])
    expect(await sink.write(batch, soon())).toEqual([])
    expect(uploads()).toHaveLength(1)
    const [first, second, third] = await readTopic(topic)
    expect([asJson(first!.value), asJson(third!.value)]).toEqual(['before', 'after'])
    expect(asJson(second!.value).url).toMatch(/\/msg\//)
  })

  test('a dead letter is not stored elsewhere', async () => {
    openToAll()
    const topic = await smallTopic()
    const sink = await connected({ TOPIC: topic })
    const failure = { code: 'HANDLER_FAILED', reason: 'it threw', stack: undefined, attempts: 3 }
    const placed = sink.place({ value: Buffer.alloc(LIMIT) }, { ...sourceOf(), failure })
    expect(await sink.write([placed], soon())).toMatchObject([{ index: 0, code: 'SINK_REJECTED' }])
    expect(service.calls).toEqual([])
  })

  test('without OFFLOAD, it is rejected as ever', async () => {
    const topic = await smallTopic()
    const sink = await connected({ TOPIC: topic, OFFLOAD: undefined })
    expect(await sink.write(place(sink, [{ value: Buffer.alloc(LIMIT) }]), soon())).toHaveLength(1)
  })

  test('who gives up does not wait for the service', async () => {
    service.intercept = () => true
    const sink = await connected({ TOPIC: await smallTopic() })
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 50)
    const writing = sink.write(place(sink, [{ value: Buffer.alloc(LIMIT) }]), stop.signal)
    await expect(writing).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' })
  })
})

describeKafkaSasl('KafkaSink with OFFLOAD and a password', () => {
  const known = () => ({ URL: kafka()!.saslPlaintext, TLS: false, USERNAME: 'alice', PASSWORD: 'alice-secret' })

  test('says who it is, without saying the password', async () => {
    service.credentials = { username: 'alice', password: 'alice-secret', mechanism: 'SCRAM-SHA-512' }
    const topic = await smallTopic()
    const sink = await connected({ ...known(), TOPIC: topic })
    const value = Buffer.alloc(LIMIT)
    expect(await sink.write(place(sink, [{ value, key: 'k', headers: [['_format', 'blob']] }]), soon())).toEqual([])
    expect(service.calls.map(({ bytes }) => bytes.length > 0)).toEqual([false, true])
    expect(JSON.stringify(service.calls)).not.toContain('alice-secret')
    const [document] = [...service.stored.values()]
    const { message, metadata } = deserialize(document!, { promoteBuffers: true })
    expect([message.equals(value), String(metadata.key)]).toEqual([true, 'k'])
    const [written] = await readTopic(topic)
    expect(written!.headers.map(([name]) => name)).toEqual(['_id', '_sender', '_format'])
    expect(String(named(written!.headers, '_sender'))).toBe('alice')
  })

  test('a wrong one is SINK_UNAVAILABLE, and nothing is sent', async () => {
    const sink = await connected({ ...known(), TOPIC: await smallTopic() })
    const batch = place(sink, [{ value: Buffer.alloc(LIMIT) }])
    await expect(sink.write(batch, soon())).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' })
    expect(uploads()).toEqual([])
  })
})

describeKafka('the service that a broker names', () => {
  const asked = (log = new RecordingLog()) =>
    offloadEndpoint({ connect: () => kafkaClient(), groupPrefix: 'test-metadata', where: kafka()!.plaintext, log })

  test('is the newest of sys.metadata, and is asked for once; without TLS it is not used unless it is named', async () => {
    const existing = await withAdmin((admin) => admin.listTopics())
    if (existing.includes('sys.metadata')) await withAdmin((admin) => admin.deleteTopics({ topics: ['sys.metadata'] }))
    expect(await asked()()).toBeUndefined()
    await createTopic('sys.metadata')
    const values = [
      '{"LargeMessageUploadEndpoint":"https://old.example.org"}',
      'no JSON',
      '{"LargeMessageUploadEndpoint":5}'
    ]
    for (const value of values) {
      await produce('sys.metadata', [{ value }])
      expect(await asked()()).toBe(value.includes('old') ? 'https://old.example.org' : undefined)
    }
    await produce('sys.metadata', [{ value: `{"LargeMessageUploadEndpoint":"${service.endpoint}/"}` }])
    const log = new RecordingLog()
    const endpoint = asked(log)
    expect(await Promise.all([endpoint(), endpoint()])).toEqual([service.endpoint, service.endpoint])
    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)

    const topic = await smallTopic()
    const sink = await connected({ TOPIC: topic, OFFLOAD: true })
    expect(await sink.write(place(sink, [{ value: Buffer.alloc(LIMIT) }]), soon())).toHaveLength(1)
    expect(service.calls).toEqual([])
    await withAdmin((admin) => admin.deleteTopics({ topics: ['sys.metadata'] }))
  })

  test('a broker that cannot be asked is said', async () => {
    const connect = () => kafkaClient({ brokers: ['127.0.0.1:1'], retry: { retries: 0 } })
    const endpoint = offloadEndpoint({ connect, groupPrefix: 'x', where: 'there', log: new RecordingLog() })
    await expect(endpoint()).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
  })
})
