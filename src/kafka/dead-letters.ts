import type { Kafka } from 'kafkajs'
import type { Message } from '../contract/alert.ts'
import type { DeadLetter } from '../contract/dead-letter.ts'
import { toldBy } from './dead-letter-headers.ts'
import { targetError } from './errors.ts'
import { type RecordAt, readTopics } from './topic-reader.ts'
import { headersOf } from './wire/index.ts'

/** Where a sink writes dead letters, and who asks. */
export interface Place {
  /** Its TOPIC: a name, or a template of {topic} and {stream}. */
  readonly template: string
  readonly groupPrefix: string
  /** The cluster, for messages. */
  readonly where: string
}

/** The dead letters that lie in a sink's topics now; other messages there are passed over. */
export async function* readDeadLetters(kafka: Kafka, place: Place): AsyncGenerator<DeadLetter> {
  const admin = kafka.admin()
  try {
    await admin.connect()
    const pattern = patternOf(place.template)
    const topics = (await admin.listTopics()).filter((topic) => pattern.test(topic)).sort()
    const fixed = !place.template.includes('{')
    for await (const record of readTopics(kafka, admin, topics, place.groupPrefix)) {
      const letter = letterOf(record, fixed)
      if (letter !== undefined) yield letter
    }
  } catch (error) {
    throw targetError(error, place.where)
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}

/** The topics that a template can name. */
function patternOf(template: string): RegExp {
  const parts = template.split(/\{(?:topic|stream)\}/).map((part) => part.replace(/[^\w-]/g, '\\$&'))
  return new RegExp(`^${parts.join('[\\w.-]+')}$`)
}

function letterOf({ topic, partition, raw }: RecordAt, fixed: boolean): DeadLetter | undefined {
  const told = toldBy(headersOf(raw))
  if (told === undefined) return undefined
  const { own, facts } = told
  const numbered = `${partition}:${raw.offset}`
  return {
    number: fixed ? numbered : `${topic}:${numbered}`,
    // A topic that is deleted and made again begins at 0 again.
    id: `${topic}/${partition}/${raw.offset}@${raw.timestamp}`,
    message: originalOf(raw, own, facts, topic),
    stream: facts.stream,
    route: facts.route,
    code: facts.code ?? 'unknown',
    reason: facts.reason,
    stack: facts.stack,
    attempts: facts.attempts === undefined ? undefined : Number(facts.attempts)
  }
}

type Facts = NonNullable<ReturnType<typeof toldBy>>['facts']

function originalOf(raw: RecordAt['raw'], headers: Message['headers'], facts: Facts, lies: string): Message {
  const { topic = lies, partition, offset, id, timestamp } = facts
  let size = (raw.value?.length ?? 0) + (raw.key?.length ?? 0)
  for (const [name, value] of headers) size += name.length + (value?.length ?? 0)
  return {
    topic,
    id: id ?? (offset === undefined ? `${lies}/${raw.offset}` : `${topic}/${partition}/${offset}`),
    partition: partition === undefined ? undefined : Number(partition),
    offset,
    key: raw.key,
    headers,
    publishedAt: timestamp === undefined ? undefined : new Date(timestamp),
    bytes: raw.value,
    size
  }
}
