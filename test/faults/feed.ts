import kafkajs, { type Producer } from 'kafkajs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Alerts, type Fate, topicFor } from './alerts.ts'
import type { Cluster } from './cluster.ts'
import type { Feeder } from './pubsub.ts'
import type { Watch } from './watch.ts'

export interface FeedSettings {
  readonly total: number
  readonly alerts: Alerts
  /** The most alerts that wait in the topics. */
  readonly backlog: number
  readonly batch: number
  readonly pubsub: Feeder
  /** How many of the alerts go to Pub/Sub. */
  readonly pubsubTotal: number
}

interface Planned {
  readonly topic: string
  readonly fate: Fate
  readonly count: number
}

/**
 * Produces numbered alerts, ahead of the program by a bounded backlog. Batches go one after the other and are repeated
 * until the broker has them: what came twice into a topic is seen there by the oracle.
 */
export class Feed {
  /** Alerts with the broker. */
  made = 0
  readonly #settings: FeedSettings
  readonly #cluster: Cluster
  readonly #watch: Watch
  #producer: Producer | undefined
  #planned: Planned[] = []
  #target = 0
  #latest = false
  #running: Promise<void> | undefined
  #ended = false

  constructor(cluster: Cluster, watch: Watch, settings: FeedSettings) {
    this.#cluster = cluster
    this.#watch = watch
    this.#settings = settings
  }

  get total(): number {
    return this.#settings.total
  }

  /** Alerts may be made up to this number. */
  get target(): number {
    return this.#target
  }

  /** From now on the topic that is read from its end has alerts too. */
  allowLatest(): void {
    this.#latest = true
  }

  /** The next alerts are these, as far as there are any left; resolves when they are with the broker. */
  async burst(...planned: readonly Planned[]): Promise<void> {
    if (this.made < this.#settings.total) await Promise.all(planned.map((plan) => this.#whenTaken(plan)))
  }

  /** Lets alerts up to this number be made. */
  upTo(target: number): void {
    this.#target = Math.min(target, this.#settings.total)
    this.#running ??= this.#run()
  }

  /** Resolves when all alerts are with the broker. */
  async finish(): Promise<void> {
    this.upTo(this.#settings.total)
    await this.#running
  }

  async close(): Promise<void> {
    this.#ended = true
    await this.#running?.catch(() => {})
    await this.#producer?.disconnect().catch(() => {})
  }

  readonly #waiters = new Map<Planned, () => void>()

  #whenTaken(plan: Planned): Promise<void> {
    return new Promise((resolve) => {
      this.#planned.push(plan)
      this.#waiters.set(plan, resolve)
    })
  }

  async #run(): Promise<void> {
    const { total, batch, backlog } = this.#settings
    while (this.made < total && !this.#ended) {
      const plan = this.#planned.shift()
      if (plan !== undefined) {
        const count = Math.min(plan.count, total - this.made)
        await this.#send(Array.from({ length: count }, () => ({ topic: plan.topic, fate: plan.fate })))
        this.#waiters.get(plan)?.()
        this.#waiters.delete(plan)
        continue
      }
      if (this.made >= this.#target || (await this.#watch.lag()).lag > backlog) {
        await sleep(50)
        continue
      }
      for (let i = 0; i < 4 && this.made < this.#target && this.#planned.length === 0; i++)
        await this.#send(this.#usual(Math.min(batch, this.#target - this.made)))
    }
    for (const waiter of this.#waiters.values()) waiter()
  }

  #usual(count: number): { topic: string; fate: Fate }[] {
    const { total, pubsubTotal } = this.#settings
    const every = pubsubTotal > 0 ? Math.ceil(total / pubsubTotal) : 0
    return Array.from({ length: count }, (_, i) => {
      const number = this.made + i
      if (every > 0 && number % every === every - 1) return { topic: 'pubsub', fate: 'plain' }
      const topic = topicFor(number)
      return { topic: topic === 'latest' && !this.#latest ? 'plain' : topic, fate: 'plain' }
    })
  }

  async #send(planned: readonly { topic: string; fate: Fate }[]): Promise<void> {
    const first = this.made
    const byTopic = new Map<string, ReturnType<Alerts['package']>[]>()
    planned.forEach(({ topic, fate }, i) => {
      const packaged = this.#settings.alerts.package({ number: first + i, topic, fate })
      const list = byTopic.get(topic)
      if (list === undefined) byTopic.set(topic, [packaged])
      else list.push(packaged)
    })
    const cloud = byTopic.get('pubsub') ?? []
    byTopic.delete('pubsub')
    await this.#settings.pubsub.publish(cloud)
    for (const [topic, messages] of byTopic)
      for (const part of parts(messages, 700_000)) await this.#sendUntilTaken(topic, part)
    this.made += planned.length
  }

  async #sendUntilTaken(topic: string, messages: ReturnType<Alerts['package']>[]): Promise<void> {
    for (;;) {
      try {
        this.#producer ??= await this.#connect()
        await this.#producer.send({ topic, messages, acks: -1 })
        return
      } catch (error) {
        if (this.#ended) throw error
        await sleep(300)
      }
    }
  }

  async #connect(): Promise<Producer> {
    const createPartitioner = kafkajs.Partitioners.DefaultPartitioner
    const producer = this.#cluster.client.producer({ allowAutoTopicCreation: false, createPartitioner })
    await producer.connect()
    return producer
  }
}

function* parts<T extends { readonly value: Buffer }>(messages: readonly T[], most: number): Generator<T[]> {
  let part: T[] = []
  let bytes = 0
  for (const message of messages) {
    if (part.length > 0 && bytes + message.value.length > most) {
      yield part
      part = []
      bytes = 0
    }
    part.push(message)
    bytes += message.value.length + 100
  }
  if (part.length > 0) yield part
}
