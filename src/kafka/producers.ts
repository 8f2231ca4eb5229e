import type { Kafka, Producer } from 'kafkajs'
import { kafkajs } from './wire/index.ts'

/**
 * The idempotent producer, and its successor after a failure: kafkajs rolls its sequence numbers back after a failed
 * send, and a different batch with numbers used before could be taken for a duplicate and dropped. So a new producer id
 * is taken before anything else is sent.
 */
export class Producers {
  readonly #kafka: Kafka
  #current: Promise<Producer> | undefined
  readonly #leaving = new Set<Promise<void>>()

  constructor(kafka: Kafka) {
    this.#kafka = kafka
  }

  get(): Promise<Producer> {
    this.#current ??= this.#connect()
    return this.#current
  }

  /** This one has failed a send. */
  spoil(producer: Producer): void {
    const current = this.#current
    if (current === undefined) return
    const leaving = current
      .then((used) => {
        if (used !== producer) return
        if (this.#current === current) this.#current = undefined
        return producer.disconnect()
      })
      .catch(() => undefined)
    this.#leaving.add(leaving)
    leaving.finally(() => this.#leaving.delete(leaving))
  }

  async close(): Promise<void> {
    const current = this.#current
    this.#current = undefined
    await current?.then((producer) => producer.disconnect()).catch(() => undefined)
    await Promise.all(this.#leaving)
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
      this.#current = undefined
      await producer.disconnect().catch(() => undefined)
      throw error
    }
  }
}
