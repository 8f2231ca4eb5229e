import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Admin, Kafka, KafkaMessage as RawMessage } from 'kafkajs'
import { AlertStreamsError } from '../contract/errors.ts'

/** A record where it lies. */
export interface RecordAt {
  readonly topic: string
  readonly partition: number
  readonly raw: RawMessage
}

const SESSION_MS = 30_000
const HEARTBEAT_MS = 3000
/** So long without a record, while some are still to come, and it is given up. */
const PATIENCE_MS = 30_000

/**
 * What topics hold now, each partition in order, and no more; nothing is committed. It joins a group of its own, whose
 * name begins as given, and deletes it at the end.
 */
export async function* readTopics(
  kafka: Kafka,
  admin: Admin,
  topics: readonly string[],
  groupPrefix: string
): AsyncGenerator<RecordAt> {
  const left = await ends(admin, topics)
  if (left.size === 0) return
  const groupId = `${groupPrefix}-${randomBytes(6).toString('hex')}`
  const consumer = kafka.consumer({
    groupId,
    sessionTimeout: SESSION_MS,
    maxWaitTimeInMs: 200,
    allowAutoTopicCreation: false
  })
  const handover = new Handover()
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [...new Set([...left.keys()].map(topicOf))], fromBeginning: true })
    consumer.on('consumer.crash', ({ payload }) => handover.fail(payload.error))
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch: { topic, partition, messages }, heartbeat }) => {
        const records = messages.map((raw) => ({ topic, partition, raw }))
        await handover.give(records, heartbeat)
      }
    })
    while (left.size > 0) yield* wanted(await handover.take(), left)
  } finally {
    handover.close()
    await consumer.disconnect().catch(() => undefined)
    await admin.deleteGroups([groupId]).catch(() => undefined)
  }
}

/** Records that are new and lie before the end; partitions that have come to theirs are taken from `left`. */
function* wanted(records: readonly RecordAt[], left: Map<string, Range>): Generator<RecordAt> {
  for (const record of records) {
    const place = `${record.topic}/${record.partition}`
    const range = left.get(place)
    const offset = Number(record.raw.offset)
    if (range === undefined || offset < range.next) continue
    if (offset < range.end) yield record
    range.next = offset + 1
    if (range.next >= range.end) left.delete(place)
  }
}

interface Range {
  next: number
  readonly end: number
}

/** What there is to read, by `topic/partition`. */
async function ends(admin: Admin, topics: readonly string[]): Promise<Map<string, Range>> {
  const found = new Map<string, Range>()
  for (const topic of topics) {
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      if (Number(high) > Number(low)) found.set(`${topic}/${partition}`, { next: Number(low), end: Number(high) })
    }
  }
  return found
}

function topicOf(place: string): string {
  return place.slice(0, place.lastIndexOf('/'))
}

/** One batch at a time from kafkajs pushing to our pulling. */
class Handover {
  #batch: readonly RecordAt[] | undefined
  #given = Promise.withResolvers<void>()
  #taken = Promise.withResolvers<void>()
  #closed = false
  #failure: unknown

  /** Resolves when the batch was taken; the group hears from us until then. */
  async give(batch: readonly RecordAt[], heartbeat: () => Promise<void>): Promise<void> {
    if (this.#closed) return
    this.#batch = batch
    this.#taken = Promise.withResolvers()
    this.#given.resolve()
    const timer = new AbortController()
    try {
      while (this.#batch === batch && !this.#closed) {
        await Promise.race([this.#taken.promise, delay(HEARTBEAT_MS, undefined, timer)])
        await heartbeat()
      }
    } finally {
      timer.abort()
    }
  }

  async take(): Promise<readonly RecordAt[]> {
    const timer = new AbortController()
    const late = delay(PATIENCE_MS, undefined, timer).then(() => this.fail(new Error('the broker sends nothing')))
    late.catch(() => undefined)
    await this.#given.promise
    timer.abort()
    if (this.#failure !== undefined) {
      throw new AlertStreamsError('CONNECT_FAILED', 'the topic could not be read to its end', { cause: this.#failure })
    }
    const batch = this.#batch ?? []
    this.#batch = undefined
    this.#given = Promise.withResolvers()
    this.#taken.resolve()
    return batch
  }

  fail(error: unknown): void {
    this.#failure ??= error
    this.#given.resolve()
  }

  close(): void {
    this.#closed = true
    this.#taken.resolve()
  }
}
