import type { Admin } from 'kafkajs'
import { reasonOf } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import type { StreamEvent } from '../contract/stream.ts'
import type { Commits } from './commits.ts'
import { Tracker } from './offsets.ts'
import type { StartPosition } from './start-position.ts'

interface Join {
  readonly memberId: string
  readonly memberAssignment: Readonly<Record<string, readonly number[]>>
}

export interface OwnershipSettings {
  readonly groupId: string
  readonly start: StartPosition
  /**
   * How many partitions each topic had when the stream connected. Topics and partitions that have appeared since start
   * at their beginning.
   */
  readonly known: ReadonlyMap<string, number>
  readonly log: Logger
  note(event: StreamEvent): void
}

const PAUSE_MS = 500
/** The group has no offset. */
const NONE = -1
const EARLIEST_MARK = -2

/**
 * Which partitions are ours, and from which offset on. After each join it asks the group what is committed: a tracker
 * goes on where that is what we committed, and is given up where somebody else has read on meanwhile. To infer it from
 * the next batch would wait for ever when the budget is full.
 */
export class Ownership {
  readonly trackers = new Map<string, Tracker>()
  readonly #admin: Admin
  readonly #commits: Commits
  readonly #settings: OwnershipSettings
  #memberId: string | undefined
  /** The partitions whose offsets are not known to be ours yet. */
  #verifying: Promise<void> | undefined
  /** Ends the time in which we are not in the group. */
  #resumed: () => void = () => {}
  #generation = 0
  #closed = false

  constructor(admin: Admin, commits: Commits, settings: OwnershipSettings) {
    this.#admin = admin
    this.#commits = commits
    this.#settings = settings
  }

  /** Undefined when every partition is known to be ours, else a promise of that. */
  verified(): Promise<void> | undefined {
    return this.#verifying
  }

  /** We leave the group, or join it again: until that is done nobody knows what is ours. */
  suspend(): void {
    this.#resumed()
    this.#verifying = new Promise((resolve) => {
      this.#resumed = resolve
    })
  }

  /** Called by kafkajs before it fetches in the new generation. */
  onJoin({ memberId, memberAssignment }: Join): void {
    const assigned = new Map<string, [string, number]>()
    for (const [topic, partitions] of Object.entries(memberAssignment))
      for (const partition of partitions) assigned.set(`${topic}/${partition}`, [topic, partition])
    for (const tracker of [...this.trackers.values()]) if (!assigned.has(tracker.lane)) this.#lose(tracker)
    if (memberId !== this.#memberId) for (const tracker of this.trackers.values()) tracker.verified = false
    this.#memberId = memberId
    for (const [lane, [topic, partition]] of assigned)
      if (!this.trackers.has(lane)) this.trackers.set(lane, new Tracker(topic, partition))
    const generation = ++this.#generation
    const verifying = this.#verify(generation).finally(() => {
      if (this.#verifying === verifying) this.#verifying = undefined
    })
    this.#verifying = verifying
    this.#resumed()
  }

  /**
   * The source jumped: it gave offsets from beyond what we took (`fetched` is where it read), or twice from before it.
   * Where the log has lost messages that is a gap; where the topic was made anew a new tracker begins.
   */
  async resolveJump(tracker: Tracker, fetched: number): Promise<void> {
    const { topic, partition, next } = tracker
    const end = (await this.#admin.fetchTopicOffsets(topic)).find((one) => one.partition === partition)
    if (end === undefined || tracker.lost) return
    const [low, high] = [Number(end.low), Number(end.high)]
    if (fetched > next) {
      // Control records and compacted ones leave holes too; only what the log has dropped is missed.
      if (low > next) this.#gap(tracker, low - next)
      tracker.skipTo(fetched)
    } else if (high < next) {
      this.#gap(tracker, 0)
      this.#lose(tracker)
      const successor = new Tracker(topic, partition)
      this.trackers.set(successor.lane, successor)
      if (!(await this.#commitStart(successor, low))) return
      successor.committed = low
      successor.startAt(low)
      successor.verified = true
    }
  }

  /** How many messages the log has beyond what was taken, over all that is ours. */
  async backlog(): Promise<number> {
    const trackers = [...this.trackers.values()]
    let beyond = 0
    for (const topic of new Set(trackers.map((tracker) => tracker.topic))) {
      for (const { partition, low, high } of await this.#admin.fetchTopicOffsets(topic)) {
        const tracker = trackers.find((one) => one.topic === topic && one.partition === partition)
        if (tracker !== undefined) beyond += Math.max(0, Number(high) - Math.max(tracker.next, Number(low)))
      }
    }
    return beyond
  }

  close(): void {
    this.#closed = true
    this.#generation++
    this.#verifying = undefined
    this.#resumed()
    for (const tracker of [...this.trackers.values()]) this.#lose(tracker)
  }

  #lose(tracker: Tracker): void {
    tracker.lost = true
    this.trackers.delete(tracker.lane)
  }

  async #verify(generation: number): Promise<void> {
    const done = () => this.#closed || generation !== this.#generation
    while (!done()) {
      const open = [...this.trackers.values()].filter(({ verified }) => !verified)
      if (open.length === 0) return
      try {
        const committed = await this.#committed([...new Set(open.map(({ topic }) => topic))])
        if (done()) return
        const fresh = open.flatMap((tracker) => this.#compare(tracker, committed.get(tracker.lane) ?? NONE))
        for (const topic of new Set(fresh.map((tracker) => tracker.topic))) {
          const ofTopic = fresh.filter((tracker) => tracker.topic === topic)
          await this.#start(topic, ofTopic, committed, done)
        }
      } catch (error) {
        this.#settings.log.debug({ reason: reasonOf(error) }, 'the committed offsets could not be read; trying again')
      }
      if ([...this.trackers.values()].every(({ verified }) => verified)) return
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }

  /** Keeps a tracker whose last commit is what the group has; else gives the one that takes its place. */
  #compare(tracker: Tracker, committed: number): Tracker[] {
    if (tracker.next < 0) return [tracker]
    if (committed === tracker.committed || (committed === tracker.requested && committed <= tracker.prefix)) {
      tracker.committed = committed
      tracker.verified = true
      return []
    }
    this.#lose(tracker)
    const successor = new Tracker(tracker.topic, tracker.partition)
    this.trackers.set(successor.lane, successor)
    return [successor]
  }

  async #committed(topics: string[]): Promise<Map<string, number>> {
    const found = new Map<string, number>()
    if (topics.length === 0) return found
    const groups = await this.#admin.fetchOffsets({ groupId: this.#settings.groupId, topics })
    for (const { topic, partitions } of groups)
      for (const { partition, offset } of partitions) found.set(`${topic}/${partition}`, Number(offset))
    return found
  }

  /** Where each new partition begins. The start is committed first, so that LATEST loses nothing while we are away. */
  async #start(
    topic: string,
    trackers: readonly Tracker[],
    committed: ReadonlyMap<string, number>,
    done: () => boolean
  ): Promise<void> {
    const ends = new Map((await this.#admin.fetchTopicOffsets(topic)).map((end) => [end.partition, end]))
    const first = trackers.some((tracker) => (committed.get(tracker.lane) ?? NONE) === NONE)
    const starts = first ? await this.#firstOffsets(topic) : new Map<number, number>()
    for (const tracker of trackers) {
      const end = ends.get(tracker.partition)
      if (end === undefined || done()) continue
      const [low, high] = [Number(end.low), Number(end.high)]
      const known = committed.get(tracker.lane) ?? NONE
      // kafkajs itself commits EARLIEST_MARK when it finds its offset out of the log's range.
      let offset = known === NONE ? (starts.get(tracker.partition) ?? low) : known === EARLIEST_MARK ? low : known
      if (known >= 0 && (known < low || known > high)) {
        offset = low
        this.#gap(tracker, known < low ? low - known : 0)
      }
      if (offset !== known && !(await this.#commitStart(tracker, offset))) continue
      if (done()) return
      tracker.committed = offset
      tracker.startAt(offset)
      tracker.verified = true
    }
  }

  #gap({ topic, partition }: Tracker, missed: number): void {
    this.#settings.note({ kind: 'gap', topic, partition, missed })
    if (missed === 0)
      this.#settings.log.error(
        { topic, partition },
        `the offsets of ${topic}/${partition} have gone back: the topic was made anew; reading it from its beginning`
      )
  }

  #commitStart({ topic, partition }: Tracker, offset: number): Promise<boolean> {
    return this.#commits.commit([{ topic, partition, offset: String(offset) }])
  }

  async #firstOffsets(topic: string): Promise<Map<number, number>> {
    const { start, known } = this.#settings
    const count = known.get(topic) ?? 0
    if (start.at === 'earliest' || count === 0) return new Map()
    const offsets =
      start.at === 'latest'
        ? (await this.#admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, Number(high)] as const)
        : (await this.#admin.fetchTopicOffsetsByTimestamp(topic, timeOf(start))).map(
            ({ partition, offset }) => [partition, Number(offset)] as const
          )
    return new Map(offsets.filter(([partition]) => partition < count))
  }
}

function timeOf(position: Exclude<StartPosition, { at: 'earliest' | 'latest' }>): number {
  return position.at === 'time' ? position.time : Date.now() - position.hours * 3_600_000
}
