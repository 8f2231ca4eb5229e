import type { Kafka } from 'kafkajs'
import type { Message } from '../contract/alert.ts'
import type { Codec } from '../contract/codec.ts'
import type { AlertStream, Delivery, StreamSetup } from '../contract/stream.ts'
import { Channel } from './channel.ts'
import { type Connection, clusterName, createKafka } from './client.ts'
import { ClusterAdmin } from './cluster-admin.ts'
import { sourceError } from './errors.ts'
import { Member } from './member.ts'
import type { StartPosition } from './start-position.ts'
import { FollowedTopics, type Look } from './followed-topics.ts'
import { sameNames, type TopicNames } from './topic-names.ts'
import { findTopics } from './topics.ts'
import { within } from './within.ts'

/** What makes one Kafka source differ from another: data, no code. */
export interface KafkaSource {
  readonly connection: Connection
  readonly groupId: string
  readonly start: StartPosition
  /** Seconds. */
  readonly sessionTimeout: number
  readonly codec: Codec
  readonly ignores?: (message: Message) => boolean
  /** Left out: the broker's topics have the names of TOPIC_HANDLERS. */
  readonly names?: TopicNames | undefined
  /** For keys with dates: how many nights back, today's (UTC) included; left out: `NIGHTS`. */
  readonly nights?: number
  /** Unix milliseconds; left out: the clock. */
  readonly now?: () => number
  /** What it means on this broker that a topic is not there, as the end of a sentence. */
  readonly absent?: string | undefined
  /** Left out: every 5 s while a topic is missing, else every minute. */
  readonly look?: Look
}

/** Of topics with dates in their names. What a broker keeps for 48 h may lie in those of three dates. */
export const NIGHTS = 3
/** For a token, where one is needed; longer than a request for it takes. */
const TOKEN_MS = 12_000
/** For the first answer of the broker. */
const CONNECT_MS = 8000
const LARGEST_FETCH = 8 * 1024 * 1024

/** A consumer group of a Kafka cluster as a stream. */
export class KafkaSourceStream implements AlertStream {
  readonly codec: Codec
  readonly #source: KafkaSource
  readonly #setup: StreamSetup
  readonly #names: TopicNames
  readonly #where: string
  readonly #channel: Channel
  readonly #closed = new AbortController()
  #kafka: Kafka | undefined
  #admin: ClusterAdmin | undefined
  #member: Member | undefined
  #followed: FollowedTopics | undefined
  #failure: Error | undefined

  constructor(source: KafkaSource, setup: StreamSetup) {
    this.codec = source.codec
    this.#source = source
    this.#setup = setup
    this.#where = `stream ${setup.id}, ${source.connection.URL.hosts.join(',')}`
    this.#names = source.names ?? sameNames
    this.#channel = new Channel(() => this.#member?.acked(), this.#names)
  }

  async connect(signal: AbortSignal): Promise<void> {
    const { connection, groupId, look, absent, nights = NIGHTS, now = Date.now } = this.#source
    const { log, room, note, topics } = this.#setup
    let known: ReadonlyMap<string, number>
    try {
      this.#kafka = await this.#client(signal)
      this.#admin = new ClusterAdmin(this.#kafka)
      // Some refusals only show at the first request after connecting.
      const followed = new FollowedTopics(this.#admin, this.#setup, {
        keys: topics.map(this.#names.onBroker),
        groupId,
        nights,
        now,
        where: this.#where,
        look,
        absent
      })
      known = await within(followed.lookUp(), CONNECT_MS, signal)
      this.#followed = followed
    } catch (error) {
      throw sourceError(error, this.#where)
    }
    log.info(
      { group: groupId, cluster: clusterName(connection), topics: this.#followed.topics },
      `reads as group ${groupId}`
    )
    this.#member = new Member(
      this.#kafka,
      this.#admin,
      this.#channel,
      {
        groupId,
        start: this.#source.start,
        sessionTimeout: this.#source.sessionTimeout * 1000,
        known,
        fetchBytes: Math.min(LARGEST_FETCH, Math.max(64 * 1024, Math.floor(room.most / 4))),
        where: this.#where,
        log,
        note
      },
      (error) => this.#fail(error)
    )
    this.#followed.sayMissing()
  }

  async visibleTopics(signal: AbortSignal): Promise<readonly string[]> {
    try {
      this.#admin = new ClusterAdmin(await this.#client(signal))
      await within(this.#admin.connect(), CONNECT_MS, signal)
      const listed = await within(this.#admin.listTopics(), CONNECT_MS, signal)
      return findTopics(listed, ['*']).topics.map(this.#names.ours)
    } catch (error) {
      throw sourceError(error, this.#where)
    }
  }

  async #client(signal: AbortSignal): Promise<Kafka> {
    const { log, baseDir } = this.#setup
    const client = createKafka(this.#source.connection, log, baseDir, {
      retry: { retries: 3, initialRetryTime: 200 },
      // A fetch waits for 100 ms at most: who is silent for so long is gone, and half of kafkajs' own 30 s is lost time.
      requestTimeout: 12_000
    })
    return within(client, TOKEN_MS, signal)
  }

  async *read(signal: AbortSignal): AsyncIterable<readonly Delivery[]> {
    const { room } = this.#setup
    const ended = AbortSignal.any([signal, this.#closed.signal])
    ended.addEventListener('abort', () => this.#channel.wake(), { once: true })
    this.#follow(ended).catch((error) => this.#fail(sourceError(error, this.#where)))
    try {
      while (!ended.aborted) {
        const arrival = this.#channel.arrival()
        const deliveries = this.#channel.take(room)
        if (deliveries.length > 0) yield deliveries
        else await Promise.race([arrival, room.wait(ended)])
        if (this.#failure !== undefined) throw this.#failure
      }
    } finally {
      this.#channel.drop()
    }
  }

  held(): Promise<void> | undefined {
    return this.#closed.signal.aborted ? undefined : this.#member?.held()
  }

  ignores(message: Message): boolean {
    return this.#source.ignores?.(message) ?? false
  }

  async backlog(): Promise<number | undefined> {
    return this.#member?.backlog()
  }

  get patience(): number {
    return Math.max(60, 3 * this.#source.sessionTimeout)
  }

  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return
    this.#channel.close()
    await this.#member?.close()
    this.#closed.abort()
    await this.#admin?.disconnect().catch(() => undefined)
  }

  /** Joins the group as soon as there is a topic, and anew when others appear. */
  async #follow(signal: AbortSignal): Promise<void> {
    await this.#followed?.follow(signal, async (topics) => this.#member?.join(topics))
  }

  #fail(error: Error): void {
    if (this.#closed.signal.aborted) return
    this.#failure ??= error
    this.#channel.wake()
  }
}
