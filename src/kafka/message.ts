import type { KafkaMessage as RawMessage } from 'kafkajs'
import type { Headers, Message } from '../contract/alert.ts'
import { headersOf } from './wire/index.ts'

/** Charged to the byte budget for each message beside its bytes: objects weigh too. */
const OVERHEAD = 100

/** A record as a message; what is seldom asked for is made when it is. */
export class KafkaMessage implements Message {
  readonly topic: string
  readonly partition: number
  readonly size: number
  readonly #raw: RawMessage

  constructor(topic: string, partition: number, raw: RawMessage) {
    this.topic = topic
    this.partition = partition
    this.#raw = raw
    let size = OVERHEAD + (raw.value?.length ?? 0) + (raw.key?.length ?? 0)
    for (const [name, value] of headersOf(raw)) size += name.length + (value?.length ?? 0)
    this.size = size
  }

  get id(): string {
    return `${this.topic}/${this.partition}/${this.#raw.offset}`
  }
  get offset(): string {
    return this.#raw.offset
  }
  get key(): Uint8Array | null {
    return this.#raw.key
  }
  get bytes(): Uint8Array | null {
    return this.#raw.value
  }
  /** Undefined where it has none (-1), or one in another unit that is no date at all. */
  get publishedAt(): Date | undefined {
    const time = new Date(Number(this.#raw.timestamp))
    return time.getTime() >= 0 ? time : undefined
  }

  get headers(): Headers {
    return headersOf(this.#raw)
  }
}
