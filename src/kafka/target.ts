import type { Admin } from 'kafkajs'
import { AlertStreamsError } from '../contract/errors.ts'
import { hasType } from './errors.ts'
import { kafkajs } from './wire/index.ts'

/** What a producer must know about a topic. */
export interface Target {
  readonly partitions: number
  /** The most bytes of one record batch: `max.message.bytes`. */
  readonly limit: number
}

/** Kafka's default, where the topic's own may not be read. */
const DEFAULT_LIMIT = 1_048_588
/** How long an answer is believed, in ms: partitions are added, limits are changed. */
const BELIEVED_MS = 60_000

/** Looks up topics and remembers them for a while. */
export class Targets {
  readonly #admin: Admin
  readonly #known = new Map<string, { target: Target; until: number }>()

  constructor(admin: Admin) {
    this.#admin = admin
  }

  async find(topic: string): Promise<Target> {
    const known = this.#known.get(topic)
    if (known !== undefined && known.until > Date.now()) return known.target
    const [partitions, limit] = await Promise.all([this.#partitions(topic), this.#limit(topic)])
    const target = { partitions, limit }
    this.#known.set(topic, { target, until: Date.now() + BELIEVED_MS })
    return target
  }

  forget(topic: string): void {
    this.#known.delete(topic)
  }

  async #partitions(topic: string): Promise<number> {
    try {
      const { topics } = await this.#admin.fetchTopicMetadata({ topics: [topic] })
      const count = topics[0]?.partitions.length ?? 0
      if (count > 0) return count
    } catch (error) {
      if (!hasType(error, 'UNKNOWN_TOPIC_OR_PARTITION')) throw error
    }
    throw new AlertStreamsError('SINK_UNAVAILABLE', `the topic ${topic} does not exist on the broker`, {
      remedy: 'Create it, as alertstreams setup does; running never creates topics.'
    })
  }

  async #limit(topic: string): Promise<number> {
    try {
      const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: ['max.message.bytes'] }
      const { resources } = await this.#admin.describeConfigs({ resources: [resource], includeSynonyms: false })
      const value = resources[0]?.configEntries.find((entry) => entry.configName === 'max.message.bytes')?.configValue
      return Number(value) || DEFAULT_LIMIT
    } catch (error) {
      if (hasType(error, 'TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED')) return DEFAULT_LIMIT
      throw error
    }
  }
}
