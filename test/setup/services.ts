import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin, Kafka, KafkaConfig } from 'kafkajs'
import { describe, inject } from 'vitest'
import type { Headers } from '../../src/contract/alert.ts'
import { headersFor, headersOf, kafkajs } from '../../src/kafka/wire/index.ts'
import type { PeersAddress } from '../services/python.ts'
import type { KafkaAddress, Provided, PubsubAddress } from './provided.ts'

/** The Kafka of this test run; undefined where none could be had. */
export function kafka(): KafkaAddress | undefined {
  return addressOf(inject('kafka'))
}

/** The Pub/Sub server of this test run; undefined where none could be had. */
export function pubsub(): PubsubAddress | undefined {
  return addressOf(inject('pubsub'))
}

/** The Python environments with the clients of others; undefined where none could be had. */
export function peers(): PeersAddress | undefined {
  return addressOf(inject('peers'))
}

/** A suite that needs a Kafka; without one it is skipped, and its title says why. */
export function describeKafka(title: string, suite: () => void): void {
  describeWith(missingOf(inject('kafka')), title, suite)
}

/** A suite that needs the SASL and TLS listeners too. */
export function describeKafkaSasl(title: string, suite: () => void): void {
  const plaintextOnly = kafka()?.saslSsl === undefined ? 'KAFKA_BROKERS has no SASL listeners' : undefined
  describeWith(missingOf(inject('kafka')) ?? plaintextOnly, title, suite)
}

/** A suite that needs a Pub/Sub server. */
export function describePubsub(title: string, suite: () => void): void {
  describeWith(missingOf(inject('pubsub')), title, suite)
}

/** A suite in which clients of others run, and no service. */
export function describePeers(title: string, suite: () => void): void {
  describeWith(missingOf(inject('peers')), title, suite)
}

/** A suite that needs the stand-in for BigQuery, which runs in Python too and starts when it is first asked for. */
export const describeBigquery = describePeers

/** A suite in which clients of others talk to a Kafka of its own and a Pub/Sub server. */
export function describePeersOnline(title: string, suite: () => void): void {
  const missing = (['peers', 'kafka', 'pubsub'] as const).map((service) => missingOf(inject(service)))
  const foreign = kafka()?.oauthKeyFile === undefined ? 'it starts a Kafka, and KAFKA_BROKERS names one' : undefined
  describeWith(missing.find((one) => one !== undefined) ?? foreign, title, suite)
}

/** A kafkajs client that is quiet and fails soon; by default on the plaintext listener. */
export function kafkaClient(config: Partial<KafkaConfig> = {}): Kafka {
  return new kafkajs.Kafka({
    clientId: 'alertstreams-test',
    brokers: [needKafka().plaintext],
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries: 3, initialRetryTime: 100 },
    ...config
  })
}

/** TLS settings for kafkajs that trust the test broker's certificate. */
export function trustedTls(): { ca: string[] } {
  const { caFile } = needKafka()
  if (caFile === undefined) throw new Error('this Kafka has no TLS listener')
  return { ca: [readFileSync(caFile, 'utf8')] }
}

/** Makes a topic and returns its name: the given one and a random suffix. */
export async function newTopic(name = 'test', partitions = 1, config: Record<string, string> = {}): Promise<string> {
  const topic = `${name}-${randomBytes(4).toString('hex')}`
  await createTopic(topic, partitions, config)
  return topic
}

/** Resolves when the broker can be written to and read from. */
export async function createTopic(topic: string, partitions = 1, config: Record<string, string> = {}): Promise<void> {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
  const topics = [{ topic, numPartitions: partitions, configEntries }]
  await withAdmin(async (admin) => {
    // kafkajs' own waiting fails when a busy broker says for a moment that there is no such topic.
    await admin.createTopics({ topics, waitForLeaders: false })
    while (!(await hasLeaders(admin, topic))) await sleep(20)
  })
}

export interface TestMessage {
  readonly value: Buffer | string | null
  readonly key?: Buffer | string | null
  /** In order; names may repeat. */
  readonly headers?: Headers
  readonly partition?: number
  readonly timestamp?: string
}

/** Writes messages to a topic; resolves when the broker has them. */
export async function produce(topic: string, messages: readonly TestMessage[]): Promise<void> {
  // Else kafkajs sends all of a request again where a part of it failed, as it may on a new topic.
  const producer = kafkaClient().producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  try {
    // Single requests of about 700 kB: the broker keeps its default limit of 1 MiB a batch.
    for (const batch of batches(messages, 700_000)) {
      const raw = batch.map(({ headers, ...message }) => ({
        ...message,
        ...(headers && { headers: headersFor(headers) })
      }))
      await producer.send({ topic, messages: raw })
    }
  } finally {
    await producer.disconnect()
  }
}

export interface ReadMessage {
  readonly partition: number
  readonly offset: bigint
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Headers
  /** Milliseconds since 1970. */
  readonly timestamp: number
}

/**
 * Reads a topic from its beginning, in the order of partition and offset. Returns once `count` messages have come
 * (by default: those that the topic holds now), or after `timeoutMs` with what has come until then.
 */
export async function readTopic(
  topic: string,
  { count, timeoutMs = 15_000 }: { readonly count?: number; readonly timeoutMs?: number } = {}
): Promise<ReadMessage[]> {
  const wanted = count ?? (await withAdmin((admin) => heldBy(admin, topic)))
  const messages: ReadMessage[] = []
  if (wanted === 0) return messages
  const groupId = `reader-${randomBytes(4).toString('hex')}`
  const consumer = kafkaClient().consumer({ groupId, maxWaitTimeInMs: 100 })
  await consumer.connect()
  const timer = Promise.withResolvers<void>()
  const timeout = setTimeout(timer.resolve, timeoutMs)
  try {
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => {
        const { key, value, offset, timestamp } = message
        const headers = headersOf(message)
        messages.push({ partition, offset: BigInt(offset), key, value, headers, timestamp: Number(timestamp) })
        if (messages.length === wanted) timer.resolve()
      }
    })
    await timer.promise
  } finally {
    clearTimeout(timeout)
    await consumer.disconnect()
  }
  return messages.sort((a, b) => a.partition - b.partition || Number(a.offset - b.offset))
}

/** The committed offset of each partition, in order; -1n where the group has committed nothing. */
export async function committed(groupId: string, topic: string): Promise<bigint[]> {
  const ask = () => withAdmin((admin) => admin.fetchOffsets({ groupId, topics: [topic] }))
  // A Kafka that has just begun to keep groups says so for a moment, and kafkajs does not ask again.
  const [found] = await ask().catch(async (error: { type?: string }) => {
    if (error.type !== 'GROUP_LOAD_IN_PROGRESS') throw error
    await sleep(1000)
    return ask()
  })
  const partitions = found?.partitions ?? []
  return partitions.toSorted((a, b) => a.partition - b.partition).map(({ offset }) => BigInt(offset))
}

/** Runs `use` with a connected kafkajs admin client. */
export async function withAdmin<Result>(use: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = kafkaClient().admin()
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

function hasLeaders(admin: Admin, topic: string): Promise<boolean> {
  return admin.fetchTopicMetadata({ topics: [topic] }).then(
    ({ topics }) => topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0)),
    () => false
  )
}

async function heldBy(admin: Admin, topic: string): Promise<number> {
  const partitions = await admin.fetchTopicOffsets(topic)
  return partitions.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0)
}

function* batches(messages: readonly TestMessage[], maxBytes: number): Generator<TestMessage[]> {
  let batch: TestMessage[] = []
  let bytes = 0
  for (const message of messages) {
    const size = Buffer.byteLength(message.value ?? '')
    if (batch.length > 0 && bytes + size > maxBytes) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(message)
    bytes += size
  }
  if (batch.length > 0) yield batch
}

function needKafka(): KafkaAddress {
  const address = kafka()
  if (address === undefined) throw new Error('no Kafka in this test run; use describeKafka')
  return address
}

function describeWith(missing: string | undefined, title: string, suite: () => void): void {
  describe.skipIf(missing !== undefined)(missing === undefined ? title : `${title} (${missing})`, suite)
}

function addressOf<Address>(provided: Provided<Address>): Address | undefined {
  return 'address' in provided ? provided.address : undefined
}

function missingOf(provided: Provided<unknown>): string | undefined {
  return 'missing' in provided ? provided.missing : undefined
}
