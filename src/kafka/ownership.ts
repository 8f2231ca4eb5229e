import { reasonOf } from '../contract/errors.ts'
import { countBacklog } from './backlog.ts'
import { Beginnings, type BeginningsSettings } from './beginnings.ts'
import type { ClusterAdmin } from './cluster-admin.ts'
import type { Commits } from './commits.ts'
import { committedOffsets, NONE } from './group-offsets.ts'
import { Tracker } from './offsets.ts'

interface Join {
  readonly memberId: string
  readonly memberAssignment: Readonly<Record<string, readonly number[]>>
}

export interface OwnershipSettings extends BeginningsSettings {
  readonly groupId: string
}

const PAUSE_MS = 500

/**
 * Which partitions are ours, and from which offset on. After each join it asks the group what is committed: a tracker
 * goes on where that is what we committed, and is given up where somebody else has read on meanwhile. To infer it from
 * the next batch would wait for ever when the budget is full.
 */
export class Ownership {
  readonly trackers = new Map<string, Tracker>()
  readonly #admin: ClusterAdmin
  readonly #settings: OwnershipSettings
  readonly #beginnings: Beginnings
  #memberId: string | undefined
  /** The partitions whose offsets are not known to be ours yet. */
  #verifying: Promise<void> | undefined
  /** Ends the time in which we are not in the group. */
  #resumed: () => void = () => {}
  #generation = 0
  #closed = false

  constructor(admin: ClusterAdmin, commits: Commits, settings: OwnershipSettings) {
    this.#admin = admin
    this.#settings = settings
    this.#beginnings = new Beginnings(admin, commits, settings)
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
      if (low > next) this.#beginnings.gap(tracker, low - next)
      tracker.skipTo(fetched)
    } else if (high < next) {
      this.#beginnings.gap(tracker, 0)
      this.#lose(tracker)
      const successor = new Tracker(topic, partition)
      this.trackers.set(successor.lane, successor)
      await this.#beginnings.beginAnew(successor, low)
    }
  }

  /** How many messages the log has beyond what was taken, over all that is ours. */
  backlog(): Promise<number> {
    return countBacklog(this.#admin, [...this.trackers.values()])
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
        const topics = [...new Set(open.map(({ topic }) => topic))]
        const committed = await committedOffsets(this.#admin, this.#settings.groupId, topics)
        if (done()) return
        const fresh = open.flatMap((tracker) => this.#compare(tracker, committed.get(tracker.lane) ?? NONE))
        for (const topic of new Set(fresh.map((tracker) => tracker.topic))) {
          const ofTopic = fresh.filter((tracker) => tracker.topic === topic)
          await this.#beginnings.begin(topic, ofTopic, committed, done)
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
}
