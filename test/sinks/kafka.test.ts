import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { AclEntry } from 'kafkajs'
import { afterEach, expect, test, vi } from 'vitest'
import type { Outgoing, Rejection } from '../../src/contract/sink.ts'
import type { PlacedRecord } from '../../src/kafka/cut.ts'
import { kafkajs } from '../../src/kafka/wire/index.ts'
import { KafkaSink } from '../../src/sinks/kafka.ts'
import { PATIENCE } from '../contract/reading.ts'
import { sinkSetup, sourceOf } from '../contract/sink-bench.ts'
import { sinkOptions } from '../kafka/options.ts'
import { type RunningKafka, startKafka } from '../services/kafka.ts'
import {
  describeKafka,
  describeKafkaSasl,
  kafka,
  kafkaClient,
  newTopic,
  produce,
  readTopic,
  withAdmin
} from '../setup/services.ts'

const LIMIT = 1_048_588
const soon = () => AbortSignal.timeout(PATIENCE)
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)
const bytesOf = (number: number, size: number) => Buffer.concat([Buffer.from(`${number} `), Buffer.alloc(size, number)])
const numberOf = ({ value }: { readonly value: Buffer | null }) =>
  Number(value!.subarray(0, 8).toString().split(' ')[0])

const opened: KafkaSink[] = []
afterEach(async () => {
  for (const sink of opened.splice(0)) await sink.close()
})

function make(given: Readonly<Record<string, unknown>>): KafkaSink {
  const sink = new KafkaSink(sinkOptions(given), sinkSetup())
  opened.push(sink)
  return sink
}

async function connected(given: Readonly<Record<string, unknown>>): Promise<KafkaSink> {
  const sink = make(given)
  await sink.connect(soon())
  return sink
}

const place = (sink: KafkaSink, outgoings: readonly Outgoing[]) => outgoings.map((one) => sink.place(one, sourceOf()))

/** Tries the same array again, as the outbox does. */
async function insist(sink: KafkaSink, batch: readonly PlacedRecord[]): Promise<readonly Rejection[]> {
  for (const deadline = Date.now() + PATIENCE; ; await pause(200)) {
    try {
      return await sink.write(batch, soon())
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
  }
}

async function setLimit(topic: string, bytes: number): Promise<void> {
  const configEntries = [{ name: 'max.message.bytes', value: String(bytes) }]
  const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries }]
  await withAdmin((admin) => admin.alterConfigs({ validateOnly: false, resources }))
}

describeKafka('KafkaSink', () => {
  test('200 packets of 69 kB in one write to one partition arrive, with the default limits', async () => {
    const topic = await newTopic('packets')
    const sink = await connected({ TOPIC: topic })
    const batch = place(
      sink,
      upTo(200).map((n) => ({ value: bytesOf(n, 69_000) }))
    )
    expect(await sink.write(batch, soon())).toEqual([])
    const read = await readTopic(topic)
    expect(read.map(numberOf)).toEqual(upTo(200))
    expect(read.every(({ value }, n) => value!.equals(bytesOf(n, 69_000)))).toBe(true)
  })

  test('one message that is too large is rejected alone', async () => {
    const topic = await newTopic('large')
    const sink = await connected({ TOPIC: topic })
    const sizes = upTo(20).map((n) => (n === 7 ? LIMIT + 1 : 200))
    const batch = place(
      sink,
      sizes.map((size, n) => ({ value: bytesOf(n, size) }))
    )
    const rejections = await sink.write(batch, soon())
    expect(rejections).toEqual([{ index: 7, code: 'SINK_REJECTED', reason: expect.stringContaining(String(LIMIT)) }])
    expect((await readTopic(topic)).map(numberOf)).toEqual(upTo(20).filter((n) => n !== 7))
  })

  test('a limit that was lowered meanwhile is found by halving', async () => {
    const topic = await newTopic('lowered')
    const sink = await connected({ TOPIC: topic })
    await sink.write(place(sink, [{ value: bytesOf(0, 10) }]), soon())
    await setLimit(topic, 20_000)
    const batch = place(
      sink,
      upTo(40).map((n) => ({ value: bytesOf(n + 1, n === 11 ? 30_000 : 3000) }))
    )
    const rejections = await sink.write(batch, soon())
    expect(rejections.map(({ index }) => index)).toEqual([11])
    expect((await readTopic(topic)).map(numberOf)).toEqual(upTo(41).filter((n) => n !== 12))
  })

  test('what one topic rejects disturbs no write to another', async () => {
    const [large, small] = [await newTopic('large'), await newTopic('small')]
    const sink = await connected({ TOPIC: '{topic}' })
    const writes = upTo(30).map(async (n) => {
      const topic = n % 3 === 0 ? large : small
      const size = topic === large ? LIMIT : 50_000
      await pause(n * 5)
      return [n, topic, place(sink, [{ topic, value: bytesOf(n, size) }])] as const
    })
    // On a busy machine timers of different lengths need not end in their order.
    const queued: number[] = []
    const queues = new Map<string, Promise<unknown>>()
    const answers = writes.map(async (write) => {
      const [n, topic, batch] = await write
      if (topic === small) queued.push(n)
      const before = queues.get(topic)
      const answer = Promise.resolve(before).then(() => sink.write(batch, soon()))
      queues.set(topic, answer)
      expect(await answer).toHaveLength(topic === large ? 1 : 0)
    })
    await Promise.all(answers)
    expect((await readTopic(small)).map(numberOf)).toEqual(queued)
    expect(queued).toHaveLength(20)
  })

  test('keys go where Java clients put them', async () => {
    const topic = await newTopic('keys', 7)
    const sink = await connected({ TOPIC: topic })
    // From the tests of Kafka's own Utils.murmur2.
    const hashes = {
      '21': -973932308,
      foobar: -790332482,
      'a-little-bit-long-string': -985981536,
      'a-little-bit-longer-string': -1486304829,
      lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8: -58897971,
      abc: 479470107
    }
    await sink.write(
      place(
        sink,
        Object.keys(hashes).map((key) => ({ key, value: null }))
      ),
      soon()
    )
    const found = (await readTopic(topic)).map(({ key, partition }) => [key!.toString(), partition])
    const expected = Object.entries(hashes).map(([key, hash]) => [key, (hash & 0x7fffffff) % 7])
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected))
  })

  test('any key goes where kafkajs by itself puts it', async () => {
    const [topic, other] = [await newTopic('keys', 5), await newTopic('keys', 5)]
    const sink = await connected({ TOPIC: topic })
    const keys = upTo(100).map((n) => randomBytes(n % 23))
    await sink.write(
      place(
        sink,
        keys.map((key) => ({ key, value: key }))
      ),
      soon()
    )
    await produce(
      other,
      keys.map((key) => ({ key, value: key }))
    )
    const placesIn = async (topic: string) =>
      (await readTopic(topic)).map(({ partition, key }) => `${key!.toString('hex')} ${partition}`).sort()
    expect(await placesIn(topic)).toEqual(await placesIn(other))
  })

  test('messages without a key keep the order of their source partition', async () => {
    const topic = await newTopic('keyless', 3)
    const sink = await connected({ TOPIC: topic })
    for (let write = 0; write < 5; write++) {
      const batch = upTo(40).map((n) => {
        const partition = n % 4
        return sink.place(
          { value: bytesOf(write * 40 + n, 10) },
          sourceOf({ partition }, { partition: `in/${partition}` })
        )
      })
      await sink.write(batch, soon())
    }
    const read = await readTopic(topic)
    expect(read).toHaveLength(200)
    for (const partition of upTo(4)) {
      const ofLane = read.filter((one) => numberOf(one) % 4 === partition)
      expect(new Set(ofLane.map((one) => one.partition)).size).toBe(1)
      expect(ofLane.map(numberOf)).toEqual(ofLane.map(numberOf).toSorted((a, b) => a - b))
    }
    expect(new Set(read.map(({ partition }) => partition)).size).toBe(3)
  })

  test('messages without key and order are spread', async () => {
    const topic = await newTopic('spread', 3)
    const sink = await connected({ TOPIC: topic })
    for (const n of upTo(6)) await sink.write(place(sink, [{ value: bytesOf(n, 10) }]), soon())
    const partitions = (await readTopic(topic)).map(({ partition }) => partition)
    expect(partitions).toEqual([0, 0, 1, 1, 2, 2])
  })

  test('a partition that a handler names is kept; one that is not there is rejected', async () => {
    const topic = await newTopic('named', 3)
    const sink = await connected({ TOPIC: topic })
    const partitions = [2, 3, 0, -1, 1.5, 2]
    const batch = place(
      sink,
      partitions.map((partition, n) => ({ partition, key: 'same', value: bytesOf(n, 10) }))
    )
    const rejections = await sink.write(batch, soon())
    expect(rejections.map(({ index }) => index).sort()).toEqual([1, 3, 4])
    expect(rejections[0]!.reason).toMatch(/3 partitions/)
    expect((await readTopic(topic)).map((one) => [one.partition, numberOf(one)])).toEqual([
      [0, 2],
      [2, 0],
      [2, 5]
    ])
  })

  test('a missing topic is SINK_UNAVAILABLE and named, at start and later, until it is there', async () => {
    const name = `later-${randomBytes(4).toString('hex')}`
    const missing = { code: 'SINK_UNAVAILABLE', message: expect.stringContaining(name) }
    const sink = make({ TOPIC: name })
    await expect(sink.connect(soon())).rejects.toMatchObject(missing)
    const byTemplate = await connected({ TOPIC: '{topic}' })
    const batch = place(byTemplate, [{ topic: name, value: bytesOf(1, 10) }])
    await expect(byTemplate.write(batch, soon())).rejects.toMatchObject(missing)
    await expect(byTemplate.write(batch, soon())).rejects.toMatchObject(missing)
    await withAdmin((admin) => admin.createTopics({ topics: [{ topic: name }] }))
    expect(await insist(byTemplate, batch)).toEqual([])
    await vi.waitFor(() => sink.connect(soon()), { timeout: 10_000, interval: 100 })
    expect(await sink.write(place(sink, [{ value: bytesOf(2, 10) }]), soon())).toEqual([])
    expect((await readTopic(name)).map(numberOf)).toEqual([1, 2])
  })

  test.each(['a b', '', '..', 'x'.repeat(250), 'a/b'])('"%s" can be no topic', async (topic) => {
    const sink = make({ TOPIC: 'filtered.{topic}' })
    expect(() => sink.place({ topic: topic || '/', value: null }, sourceOf())).toThrow(/is no name for a Kafka topic/)
    expect(sink.place({ value: null }, sourceOf()).target).toBe('filtered.origin')
  })

  test('a write that was aborted before it began writes nothing', async () => {
    const topic = await newTopic('aborted')
    const sink = await connected({ TOPIC: topic })
    await expect(sink.write(place(sink, [{ value: bytesOf(1, 10) }]), AbortSignal.abort())).rejects.toThrow()
    await sink.write(place(sink, [{ value: bytesOf(2, 10) }]), soon())
    expect((await readTopic(topic)).map(numberOf)).toEqual([2])
  })

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('with COMPRESSION: %s all arrives', async (COMPRESSION) => {
    const topic = await newTopic('compressed', 1, { 'compression.type': 'producer' })
    const sink = await connected({ TOPIC: topic, COMPRESSION })
    await sink.write(
      place(
        sink,
        upTo(50).map((n) => ({ value: bytesOf(n, 3000) }))
      ),
      soon()
    )
    const read = await readTopic(topic)
    expect(read.map(numberOf)).toEqual(upTo(50))
  })
})

describeKafkaSasl('KafkaSink with permissions', () => {
  test('a rejection is not forgotten when the same write fails later on', { timeout: PATIENCE }, async () => {
    const topic = await newTopic('denied')
    const { saslPlaintext: URL } = kafka()!
    const sink = await connected({ TOPIC: topic, URL, TLS: false, USERNAME: 'bob', PASSWORD: 'bob-secret' })
    const batch = place(
      sink,
      upTo(60).map((n) => ({ value: bytesOf(n, n === 0 ? LIMIT : 900_000) }))
    )
    const denied: AclEntry = {
      principal: 'User:bob',
      host: '*',
      permissionType: kafkajs.AclPermissionTypes.DENY,
      operation: kafkajs.AclOperationTypes.WRITE,
      resourceType: kafkajs.AclResourceTypes.TOPIC,
      resourceName: topic,
      resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL
    }
    const failed = await withAdmin(async (admin) => {
      const failed = sink.write(batch, soon()).catch((error: unknown) => error)
      while (Number((await admin.fetchTopicOffsets(topic))[0]!.high) === 0) await pause(2)
      await admin.createAcls({ acl: [denied] })
      return failed
    })
    expect(failed).toMatchObject({ code: 'SINK_UNAVAILABLE' })
    await withAdmin((admin) => admin.deleteAcls({ filters: [denied] }))
    expect((await insist(sink, batch)).map(({ index }) => index)).toEqual([0])
    const firsts = [...new Set((await readTopic(topic)).map(numberOf))]
    expect(firsts).toEqual(upTo(60).slice(1))
  })
})

describeKafka('KafkaSink whose broker dies', () => {
  test('loses nothing and keeps the order', { timeout: 4 * PATIENCE }, async () => {
    const broker: RunningKafka = await startKafka({ name: 'sink' })
    try {
      const topic = 'dies'
      const admin = kafkaClient({ brokers: [broker.brokers.plaintext] }).admin()
      await admin.connect()
      await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] })
      await admin.disconnect()
      const sink = await connected({ TOPIC: topic, URL: broker.brokers.plaintext })
      let failures = 0
      let stop = false
      let count = 0
      const writing = (async () => {
        while (!stop) {
          const batch = place(
            sink,
            upTo(20).map((n) => ({ partition: n % 2, value: bytesOf(count + n, 2000) }))
          )
          count += 20
          for (;;) {
            const rejections = await sink.write(batch, soon()).catch(() => undefined)
            expect(rejections ?? []).toEqual([])
            if (rejections) break
            failures++
            await pause(200)
          }
        }
      })()
      for (let round = 0; round < 2; round++) {
        await pause(500)
        await broker.kill()
        await pause(4000)
        await broker.restart()
      }
      await pause(1500)
      stop = true
      await writing
      expect(failures).toBeGreaterThan(0)
      const read = await readAll(broker.brokers.plaintext, topic, count)
      for (const partition of [0, 1]) {
        const numbers = read.filter((one) => one.partition === partition).map(numberOf)
        expect([...new Set(numbers)]).toEqual(upTo(count).filter((n) => n % 2 === partition))
      }
    } finally {
      await broker.remove()
    }
  })
})

/** Everything that a topic of another broker holds, `atLeast` so many. */
async function readAll(broker: string, topic: string, atLeast: number) {
  const consumer = kafkaClient({ brokers: [broker] }).consumer({ groupId: 'reader', maxWaitTimeInMs: 100 })
  const read: { partition: number; value: Buffer | null }[] = []
  await consumer.connect()
  try {
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => void read.push({ partition, value: message.value })
    })
    await vi.waitFor(() => expect(read.length).toBeGreaterThanOrEqual(atLeast), 30_000)
    await pause(500)
    return read
  } finally {
    await consumer.disconnect()
  }
}
