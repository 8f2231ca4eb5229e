import type { Admin, Kafka } from 'kafkajs'
import type { Codec, Message } from '../contract/alert.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import type { AlertStream, Delivery, StreamSetup } from '../contract/stream.ts'
import { Channel } from './channel.ts'
import { type Connection, clusterName, createKafka } from './client.ts'
import { sourceError } from './errors.ts'
import { Member } from './member.ts'
import type { StartPosition } from './start-position.ts'
import { countPartitions, type Found, findTopics } from './topics.ts'

/** What makes one Kafka source differ from another: data, no code. */
export interface KafkaSource {
  readonly connection: Connection
  readonly groupId: string
  readonly start: StartPosition
  /** Seconds. */
  readonly sessionTimeout: number
  readonly codec: Codec
  readonly ignores?: (message: Message) => boolean
  /** Left out: `LOOK`. */
  readonly look?: Look
}

/** How often topics are looked up, in milliseconds: while one is missing, and otherwise. */
interface Look {
  readonly again: number
  readonly forNew: number
}
const LOOK: Look = { again: 5000, forNew: 60_000 }

/** For the first answer of the broker. */
const CONNECT_MS = 8000
const LARGEST_FETCH = 8 * 1024 * 1024

/** A consumer group of a Kafka cluster as a stream. */
export class KafkaAlertStream implements AlertStream {
  readonly codec: Codec
  readonly #source: KafkaSource
  readonly #setup: StreamSetup
  readonly #where: string
  readonly #channel: Channel
  readonly #closed = new AbortController()
  #kafka: Kafka | undefined
  #admin: Admin | undefined
  #member: Member | undefined
  #found: Found = { topics: [], missing: [] }
  #failure: Error | undefined

  constructor(source: KafkaSource, setup: StreamSetup) {
    this.codec = source.codec
    this.#source = source
    this.#setup = setup
    this.#where = `stream ${setup.id}, ${source.connection.URL.hosts.join(',')}`
    this.#channel = new Channel(() => this.#member?.acked())
  }

  async connect(signal: AbortSignal): Promise<void> {
    const { connection, groupId } = this.#source
    const { log, baseDir, room, topics, note } = this.#setup
    let known: ReadonlyMap<string, number>
    try {
      this.#kafka = createKafka(connection, log, baseDir, { retry: { retries: 3, initialRetryTime: 200 } })
      this.#admin = this.#kafka.admin()
      // Some refusals only show at the first request after connecting.
      const answered = this.#lookUp(this.#admin, topics)
      known = await within(answered, CONNECT_MS, signal)
    } catch (error) {
      throw sourceError(error, this.#where)
    }
    log.info(
      { group: groupId, cluster: clusterName(connection), topics: this.#found.topics },
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
    this.#sayMissing()
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

  async #lookUp(admin: Admin, topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    await admin.connect()
    this.#found = await findTopics(admin, topics)
    return countPartitions(admin, this.#found.topics)
  }

  /** Joins the group as soon as there is a topic, and anew when others appear. */
  async #follow(signal: AbortSignal): Promise<void> {
    if (this.#found.topics.length > 0) await this.#member!.join(this.#found.topics)
    const { again, forNew } = this.#source.look ?? LOOK
    while (!signal.aborted) {
      await pause(this.#found.missing.length > 0 ? again : forNew, signal)
      if (signal.aborted) return
      const found = await findTopics(this.#admin!, this.#setup.topics).catch(() => this.#found)
      const added = found.topics.filter((topic) => !this.#found.topics.includes(topic))
      this.#found = { topics: [...this.#found.topics, ...added].sort(), missing: found.missing }
      if (added.length === 0) continue
      this.#setup.log.info({ topics: added }, `new topics: ${added.join(', ')}`)
      await this.#member!.join(this.#found.topics)
    }
  }

  #sayMissing(): void {
    const { missing, topics } = this.#found
    if (missing.length > 0) {
      const reason = `the topic ${missing.join(', ')} is not on the broker, or these credentials may not see it`
      this.#setup.log.warn({ code: 'SOURCE_MISSING', missing }, `${this.#where}: ${reason}; waiting for it`)
      if (topics.length === 0) this.#setup.note({ kind: 'waiting', reason })
    } else if (topics.length === 0) {
      this.#setup.log.warn(`${this.#where}: no topic matches yet; waiting for one`)
    }
  }

  #fail(error: Error): void {
    if (this.#closed.signal.aborted) return
    this.#failure ??= error
    this.#channel.wake()
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}

async function within<T>(promise: Promise<T>, ms: number, signal: AbortSignal): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  let stop: (() => void) | undefined
  const limit = new Promise<never>((_, reject) => {
    const fail = (what: string) => reject(new AlertStreamsError('CONNECT_FAILED', what))
    timer = setTimeout(() => fail(`no answer within ${ms / 1000} s`), ms)
    stop = () => fail('stopped while connecting')
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop!)
    promise.catch(() => undefined)
  }
}
