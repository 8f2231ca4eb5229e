import { setTimeout as delay } from 'node:timers/promises'
import type { Admin, Kafka } from 'kafkajs'
import { hasType } from './errors.ts'

/** What a coordinator says that has just been elected; kafkajs asks again for members, and not for an admin client. */
const NOT_YET = ['GROUP_LOAD_IN_PROGRESS', 'GROUP_COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR_FOR_GROUP']
const PAUSE_MS = 250

/**
 * What is asked of a cluster. kafkajs' own admin client asks after every topic that it was ever asked about: once one of
 * them is gone every answer is an error, for ever. Then a new client is taken.
 */
export class ClusterAdmin {
  readonly #kafka: Kafka
  #admin: Admin

  constructor(kafka: Kafka) {
    this.#kafka = kafka
    this.#admin = kafka.admin()
  }

  connect = () => this.#admin.connect()
  disconnect = () => this.#admin.disconnect()
  listTopics: Admin['listTopics'] = () => this.#admin.listTopics()
  fetchOffsets: Admin['fetchOffsets'] = (options) => this.#ask((admin) => admin.fetchOffsets(options))
  fetchTopicOffsets: Admin['fetchTopicOffsets'] = (topic) => this.#ask((admin) => admin.fetchTopicOffsets(topic))
  fetchTopicOffsetsByTimestamp: Admin['fetchTopicOffsetsByTimestamp'] = (topic, time) =>
    this.#ask((admin) => admin.fetchTopicOffsetsByTimestamp(topic, time))
  fetchTopicMetadata: Admin['fetchTopicMetadata'] = (options) => this.#ask((admin) => admin.fetchTopicMetadata(options))

  async #ask<Answer>(question: (admin: Admin) => Promise<Answer>, tries = 20): Promise<Answer> {
    const asked = this.#admin
    try {
      return await question(asked)
    } catch (error) {
      if (tries === 1) throw error
      if (hasType(error, ...NOT_YET)) {
        await delay(PAUSE_MS)
        return this.#ask(question, tries - 1)
      }
      if (!hasType(error, 'UNKNOWN_TOPIC_OR_PARTITION')) throw error
      if (this.#admin === asked) await this.#renew()
      return this.#ask(question, 1)
    }
  }

  async #renew(): Promise<void> {
    const old = this.#admin
    this.#admin = this.#kafka.admin()
    await this.#admin.connect()
    old.disconnect().catch(() => undefined)
  }
}
