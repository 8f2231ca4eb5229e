import type { Kafka, Producer, ProducerRecord } from 'kafkajs'
import { kafkajs } from './wire/index.ts'

/** A producer, and how many sends it has under way. */
interface Line {
  readonly producer: Promise<Producer>
  sending: number
}

/**
 * The idempotent producer, and its successor after a failure: kafkajs rolls its sequence numbers back after a failed
 * send, and a different batch with numbers used before could be taken for a duplicate and dropped. So a new producer id
 * is taken before anything else is sent; what other topics have under way by the old one is left to end.
 */
export class Producers {
  readonly #kafka: Kafka
  #current: Line | undefined
  readonly #lines = new Set<Line>()

  constructor(kafka: Kafka) {
    this.#kafka = kafka
  }

  /** Resolves when something can be sent. */
  ready(): Promise<void> {
    return this.#use(async () => {})
  }

  send(record: ProducerRecord): Promise<unknown> {
    return this.#use((producer) => producer.send(record))
  }

  async close(): Promise<void> {
    this.#current = undefined
    await Promise.all([...this.#lines].map((line) => this.#end(line)))
  }

  async #use<T>(action: (producer: Producer) => Promise<T>): Promise<T> {
    this.#current ??= this.#open()
    const line = this.#current
    line.sending++
    try {
      return await action(await line.producer)
    } catch (error) {
      if (this.#current === line) this.#current = undefined
      throw error
    } finally {
      line.sending--
      if (line.sending === 0 && line !== this.#current) this.#end(line)
    }
  }

  #open(): Line {
    const line = { producer: this.#connect(), sending: 0 }
    this.#lines.add(line)
    return line
  }

  async #end(line: Line): Promise<void> {
    await line.producer.then((producer) => producer.disconnect()).catch(() => undefined)
    this.#lines.delete(line)
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      retry: { retries: 6, initialRetryTime: 100, maxRetryTime: 1500 }
    })
    try {
      await producer.connect()
      return producer
    } catch (error) {
      await producer.disconnect().catch(() => undefined)
      throw error
    }
  }
}
