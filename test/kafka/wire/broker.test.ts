import { randomBytes, randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Headers } from '../../../src/contract/alert.ts'
import { headersFor, headersOf, kafkajs, patchKafkajs } from '../../../src/kafka/wire/index.ts'
import { describeKafka, kafka, newTopic } from '../../setup/services.ts'

const { None, GZIP, Snappy, LZ4, ZSTD } = kafkajs.CompressionTypes
const PARTITIONS = 4
const COUNT = 2000

describeKafka('a broker takes our requests and gives back what was written', () => {
  test('with every part replaced', () => {
    expect(patchKafkajs()).toEqual([])
  })

  test.each([
    ['uncompressed', None, false],
    ['uncompressed, idempotent', None, true],
    ['gzip', GZIP, true],
    ['snappy', Snappy, true],
    ['lz4', LZ4, true],
    ['zstd', ZSTD, true]
  ])('%s', async (_, compression, idempotent) => {
    const topic = await newTopic('wire', PARTITIONS)
    const messages = Array.from({ length: COUNT }, randomMessage)
    const producer = client().producer({
      idempotent,
      maxInFlightRequests: 1,
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0
    })
    await producer.connect()
    try {
      for (let start = 0; start < COUNT; start += 250) {
        const batch = messages.slice(start, start + 250)
        await producer.send({
          topic,
          acks: -1,
          compression,
          messages: batch.map((message) => ({ ...message, headers: headersFor(message.headers) }))
        })
      }
    } finally {
      await producer.disconnect()
    }
    expect(await readAll(topic, COUNT)).toEqual(byPartition(messages))
  })

  test('a transaction that is committed', async () => {
    const topic = await newTopic('wire', PARTITIONS)
    const messages = Array.from({ length: 20 }, randomMessage)
    const producer = client().producer({
      transactionalId: topic,
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0
    })
    await producer.connect()
    try {
      const transaction = await producer.transaction()
      await transaction.send({
        topic,
        messages: messages.map((message) => ({ ...message, headers: headersFor(message.headers) }))
      })
      await transaction.commit()
    } finally {
      await producer.disconnect()
    }
    expect(await readAll(topic, 20)).toEqual(byPartition(messages))
  })
})

interface Sent {
  readonly partition: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Headers
  readonly timestamp: string
}

function randomMessage(): Sent {
  return {
    partition: randomInt(PARTITIONS),
    key: randomInt(5) === 0 ? null : randomBytes(randomInt(20)),
    value: randomInt(10) === 0 ? null : randomBytes(randomInt(3) === 0 ? 0 : randomInt(2000)),
    headers: Array.from(
      { length: randomInt(5) },
      () => [['_id', 'b', 'a', ''][randomInt(4)]!, randomInt(3) === 0 ? null : randomBytes(randomInt(16))] as const
    ),
    timestamp: String(Date.now() - randomInt(10_000))
  }
}

function client() {
  return new kafkajs.Kafka({
    clientId: 'wire-test',
    brokers: [kafka()!.plaintext],
    logLevel: kafkajs.logLevel.NOTHING
  })
}

/** As sent, grouped by partition, each in its order. */
function byPartition(messages: readonly Sent[]): Sent[][] {
  return Array.from({ length: PARTITIONS }, (_, partition) =>
    messages.filter((message) => message.partition === partition)
  )
}

async function readAll(topic: string, count: number): Promise<Sent[][]> {
  const consumer = client().consumer({ groupId: `${topic}-reader`, maxWaitTimeInMs: 100 })
  const done = Promise.withResolvers<void>()
  const timeout = setTimeout(done.resolve, 20_000)
  const read: Sent[] = []
  await consumer.connect()
  try {
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      eachBatch: async ({ batch: { partition, messages } }) => {
        for (const message of messages) {
          const { key, value, timestamp } = message
          read.push({ partition, key, value, headers: headersOf(message), timestamp })
        }
        if (read.length >= count) done.resolve()
      }
    })
    await done.promise
  } finally {
    clearTimeout(timeout)
    await consumer.disconnect()
  }
  return byPartition(read)
}
