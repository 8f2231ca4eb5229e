import type { Headers, Message } from '../contract/alert.ts'

/** What Pub/Sub hands over, as far as we use it; the client's own message class has this shape. */
export interface Received {
  /** Unique within the topic, the same on every redelivery. */
  readonly id: string
  readonly data: Uint8Array
  readonly attributes: Readonly<Record<string, string>>
  /** Absent or empty: no order. */
  readonly orderingKey?: string | undefined
  readonly publishTime: Date
  /** Resolves at once, before the source knows, unless the subscription is an exactly-once one. */
  ackWithResponse(): Promise<unknown>
  nack(): void
}

/** Attributes become headers (UTF-8), the ordering key becomes the key. */
export function toMessage(topic: string, received: Received): Message {
  const headers: Headers = Object.entries(received.attributes).map(([name, value]) => [name, Buffer.from(value)])
  const key = received.orderingKey ? Buffer.from(received.orderingKey) : null
  let size = received.data.length + (key?.length ?? 0)
  for (const [name, value] of headers) size += Buffer.byteLength(name) + (value?.length ?? 0)
  return {
    topic,
    id: received.id,
    partition: undefined,
    offset: undefined,
    key,
    headers,
    publishedAt: Number.isNaN(received.publishTime.getTime()) ? undefined : new Date(received.publishTime.getTime()),
    bytes: received.data,
    size
  }
}
