import type { Consumer, ConsumerEndBatchProcessEvent, EachBatchPayload, Kafka } from 'kafkajs'
import { adviceOf } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import type { StreamEvent } from '../contract/stream.ts'
import { type Channel, MOST_UNSETTLED } from './channel.ts'
import type { ClusterAdmin } from './cluster-admin.ts'
import { Commits, type TopicOffset } from './commits.ts'
import { isJoining, sourceError } from './errors.ts'
import { beating, beatThroughRebalance, Heartbeats } from './heartbeats.ts'
import type { Tracker } from './offsets.ts'
import { Ownership } from './ownership.ts'
import type { StartPosition } from './start-position.ts'
import { beforeJoin } from './wire/index.ts'

export interface MemberSettings {
  readonly groupId: string
  readonly start: StartPosition
  /** Milliseconds. */
  readonly sessionTimeout: number
  /** See `OwnershipSettings`. */
  readonly known: ReadonlyMap<string, number>
  /** The most bytes of one fetch, and of one partition in it. */
  readonly fetchBytes: number
  readonly where: string
  readonly log: Logger
  note(event: StreamEvent): void
}

/** For the last commits, and for the goodbye; the broker may be away. */
const LEAVE_MS = 5000

/**
 * Our membership of a consumer group: it offers what kafkajs fetches to the channel, and commits what was acknowledged.
 * It rides out what kafkajs restarts by itself; `failed` is called when kafkajs gives up.
 */
export class Member {
  readonly commits: Commits
  readonly #ownership: Ownership
  readonly #heartbeats: Heartbeats
  readonly #kafka: Kafka
  readonly #channel: Channel
  readonly #settings: MemberSettings
  readonly #failed: (error: Error) => void
  readonly #beatEvery: number
  #consumer: Consumer | undefined
  #joined: Promise<void> = Promise.resolve()
  #commitOnce: EachBatchPayload['commitOffsetsIfNecessary'] | undefined
  /** Told to go to the tracker's next offset; if it still reads before it, that offset is not there. */
  readonly #sought = new WeakSet<Tracker>()
  /** Partitions that are not fetched until enough of them is settled, and how to go on. */
  readonly #paused = new Map<Tracker, () => void>()
  /** The group was joined, or began to form anew, since `backlog` was asked. */
  #regrouped = false
  #settling: Promise<void> | undefined
  #closing = false

  constructor(
    kafka: Kafka,
    admin: ClusterAdmin,
    channel: Channel,
    settings: MemberSettings,
    failed: (error: Error) => void
  ) {
    this.#kafka = kafka
    this.#channel = channel
    this.#settings = settings
    this.#failed = failed
    this.#beatEvery = Math.min(3000, settings.sessionTimeout / 6)
    this.#heartbeats = new Heartbeats(settings.sessionTimeout)
    this.commits = new Commits(
      (offsets) => this.#send(offsets),
      () => this.#ownership.trackers.values(),
      (at) => settings.note({ kind: 'committed', at }),
      settings.log
    )
    this.#ownership = new Ownership(admin, this.commits, settings)
  }

  /** Joins the group for these topics; for other topics it leaves and joins anew, and what is in flight stays ours. */
  join(topics: readonly string[]): Promise<void> {
    this.#joined = this.#join(topics)
    return this.#joined
  }

  async #join(topics: readonly string[]): Promise<void> {
    if (this.#consumer !== undefined) await this.#leave()
    const { groupId, sessionTimeout, fetchBytes } = this.#settings
    const consumer = this.#kafka.consumer({
      groupId,
      sessionTimeout,
      rebalanceTimeout: Math.max(60_000, sessionTimeout),
      heartbeatInterval: this.#beatEvery,
      maxBytes: fetchBytes,
      maxBytesPerPartition: fetchBytes,
      maxWaitTimeInMs: 100,
      allowAutoTopicCreation: false,
      retry: {
        retries: 5,
        initialRetryTime: 200,
        maxRetryTime: 2000,
        restartOnFailure: async () => this.#consumer === consumer,
        ...beforeJoin((heartbeat) => this.#settleBeforeJoin(heartbeat))
      }
    })
    const { HEARTBEAT, GROUP_JOIN, COMMIT_OFFSETS, CRASH, REBALANCING, END_BATCH_PROCESS } = consumer.events
    // The event alone: the function that batches are given also resolves when it had nothing to send, for a member that
    // the group has put out as well.
    consumer.on(HEARTBEAT, () => this.#heartbeats.beat())
    consumer.on(COMMIT_OFFSETS, ({ payload }) => this.commits.onCommitted(payload.topics ?? []))
    consumer.on(END_BATCH_PROCESS, ({ payload }) => this.#passOver(payload))
    consumer.on(REBALANCING, () => {
      this.#regrouped = true
      this.#channel.drop()
    })
    consumer.on(GROUP_JOIN, ({ payload }) => {
      this.#regrouped = true
      this.#heartbeats.beat()
      this.#ownership.onJoin(payload)
      this.#resume(() => true)
      this.#settings.note({ kind: 'reading' })
    })
    consumer.on(CRASH, ({ payload }) => {
      if (this.#consumer === consumer) this.#onCrash(payload)
    })
    try {
      await consumer.connect()
      await consumer.subscribe({ topics: [...topics], fromBeginning: true })
      if (!this.#closing) {
        this.#consumer = consumer
        await consumer.run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          partitionsConsumedConcurrently: 64,
          eachBatch: (payload) => this.#eachBatch(payload)
        })
      }
    } finally {
      // Closed or failed meanwhile: whoever joined late would hold its partitions for ever.
      if (this.#consumer !== consumer) await consumer.disconnect().catch(() => undefined)
    }
  }

  /** Something was acknowledged. */
  acked(): void {
    this.commits.soon()
    if (this.#paused.size > 0) this.#resume(isHalfSettled)
  }

  /** See `AlertStream.held`. */
  held(): Promise<void> | undefined {
    if (this.#closing) return undefined
    const pending = this.#heartbeats.fresh() ?? this.#ownership.verified()
    return pending?.then(() => this.held())
  }

  /** See `AlertStream.backlog`: undefined while the group forms anew, which takes its time. */
  async backlog(): Promise<number | undefined> {
    const regrouped = this.#regrouped
    this.#regrouped = false
    return regrouped ? undefined : this.#ownership.backlog()
  }

  /** Commits what is done, leaves the group; what was not done is somebody else's from now on. */
  async close(): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    await shortly(this.#joined)
    await this.#leave()
    this.commits.close()
    this.#ownership.close()
    this.#heartbeats.beat()
  }

  async #leave(): Promise<void> {
    const consumer = this.#consumer
    if (consumer === undefined) return
    this.#channel.drop()
    // kafkajs drops commits made after stop or disconnect has begun.
    await this.commits.flush(Math.min(LEAVE_MS, this.#settings.sessionTimeout))
    this.#consumer = undefined
    this.#commitOnce = undefined
    this.#ownership.suspend()
    await shortly(consumer.disconnect())
  }

  /**
   * Sends a commit. `consumer.commitOffsets` would repeat it later, possibly after a rejoin, for partitions that are
   * somebody else's then; what a batch brings does not.
   */
  async #send(offsets: readonly TopicOffset[]): Promise<void> {
    if (this.#commitOnce === undefined) return this.#consumer?.commitOffsets([...offsets])
    const topics = Object.entries(Object.groupBy(offsets, ({ topic }) => topic))
    await this.#commitOnce({ topics: topics.map(([topic, partitions = []]) => ({ topic, partitions })) })
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, heartbeat, resolveOffset, pause, commitOffsetsIfNecessary } = payload
    this.#commitOnce = commitOffsetsIfNecessary
    try {
      await heartbeat()
      const pending = this.#settling ?? this.#ownership.verified()
      if (pending !== undefined) await beating(pending, heartbeat, this.#beatEvery)
      const { topic, partition } = batch
      const tracker = this.#ownership.trackers.get(`${topic}/${partition}`)
      if (tracker === undefined || tracker.next < 0 || this.#closing) return
      const end = Number(batch.lastOffset()) + 1
      const fetched = Number((batch as unknown as { fetchedOffset: string }).fetchedOffset)
      if (end <= tracker.next) return await this.#goTo(tracker, fetched)
      this.#sought.delete(tracker)
      if (fetched > tracker.next)
        await beating(this.#ownership.resolveJump(tracker, fetched), heartbeat, this.#beatEvery)
      const taken = await beating(this.#channel.offer(tracker, batch.messages, end), heartbeat, this.#beatEvery)
      if (taken === 'all') resolveOffset(batch.lastOffset())
      // To wait here would hold up all partitions that were fetched together.
      if (taken === 'full') {
        this.#paused.set(tracker, pause())
        this.#resume(isHalfSettled)
      }
    } catch (error) {
      if (isJoining(error)) this.#channel.drop()
      throw error
    } finally {
      // Else kafkajs would fetch the same again and again until it is told to stop.
      if (this.#closing) pause()
    }
  }

  #resume(which: (tracker: Tracker) => boolean): void {
    for (const [tracker, resume] of this.#paused) {
      if (!which(tracker)) continue
      this.#paused.delete(tracker)
      resume()
    }
  }

  /** What we hold goes elsewhere with the partition: finish and commit it first, as far as there is time. */
  async #settleBeforeJoin(heartbeat: () => Promise<void>): Promise<void> {
    this.#settling = this.#settle(heartbeat).catch(() => undefined)
    await this.#settling
    this.#settling = undefined
    this.#ownership.suspend()
  }

  async #settle(heartbeat: () => Promise<void>): Promise<void> {
    this.#channel.drop()
    const deadline = Date.now() + Math.min(20_000, this.#settings.sessionTimeout * 2)
    for (let beaten = 0; Date.now() < deadline && !this.#closing; ) {
      const trackers = [...this.#ownership.trackers.values()]
      if (trackers.every(isSettled)) return
      if (Date.now() - beaten >= this.#beatEvery) {
        beaten = Date.now()
        await beatThroughRebalance(heartbeat)
        this.#heartbeats.beat()
      }
      this.commits.soon()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  /** Fetched from before our start: LATEST, a partition that has come back to us, or a topic that was made anew. */
  async #goTo(tracker: Tracker, fetched: number): Promise<void> {
    if (this.#sought.has(tracker)) await this.#ownership.resolveJump(tracker, fetched)
    this.#sought.add(tracker)
    const { topic, partition } = tracker
    const { next } = this.#ownership.trackers.get(tracker.lane) ?? tracker
    if (next >= 0) this.#consumer?.seek({ topic, partition, offset: String(next) })
  }

  /** A batch of control records alone is never shown to us; without this it would look like a backlog for ever. */
  #passOver({ topic, partition, batchSize, firstOffset, lastOffset }: ConsumerEndBatchProcessEvent['payload']): void {
    const tracker = this.#ownership.trackers.get(`${topic}/${partition}`)
    if (batchSize > 0 || firstOffset === null || !tracker?.verified || Number(firstOffset) > tracker.next) return
    tracker.skipTo(Number(lastOffset) + 1)
    this.commits.soon()
  }

  #onCrash({ error, restart }: { error: Error; restart: boolean }): void {
    this.#commitOnce = undefined
    this.#channel.drop()
    if (this.#closing) return
    const ours = sourceError(error, this.#settings.where)
    if (!restart || ours.code !== 'CONNECT_FAILED') return this.#failed(ours)
    this.#settings.note({ kind: 'waiting', reason: ours.message })
    this.#settings.log.warn({ code: ours.code }, `${adviceOf(ours)} Trying again; nothing is lost.`)
  }
}

/** Waits for it to end in any way, but no longer than `LEAVE_MS`. */
async function shortly(promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LEAVE_MS)
  })
  await Promise.race([promise.catch(() => undefined), late])
  clearTimeout(timer)
}

function isSettled({ unsettled, prefix, committed, verified }: Tracker): boolean {
  return unsettled === 0 && (prefix <= committed || !verified)
}

function isHalfSettled({ unsettled }: Tracker): boolean {
  return unsettled <= MOST_UNSETTLED / 2
}
