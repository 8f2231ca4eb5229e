import type { Message } from '../../src/contract/alert.ts'

/** Numbered messages of one partition each; what the number is, the bytes say. */
export function messageOf(number: number, more: Partial<Message> = {}): Message {
  const topic = more.topic ?? 'alerts'
  const partition = more.partition ?? 0
  const bytes = more.bytes === undefined ? Buffer.from(JSON.stringify({ number })) : more.bytes
  return {
    topic,
    id: `${topic}/${partition}/${number}`,
    partition,
    offset: String(number),
    key: null,
    headers: [],
    publishedAt: undefined,
    size: 100 + (bytes?.length ?? 0),
    ...more,
    bytes
  }
}
