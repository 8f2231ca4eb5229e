import type { Logger } from '../contract/log.ts'
import type { StreamEvent } from '../contract/stream.ts'
import type { ClusterAdmin } from './cluster-admin.ts'
import type { Commits } from './commits.ts'
import { EARLIEST_MARK, NONE } from './group-offsets.ts'
import type { Tracker } from './offsets.ts'
import type { StartPosition } from './start-position.ts'

export interface BeginningsSettings {
  readonly start: StartPosition
  /**
   * How many partitions each topic had when the stream connected. Topics and partitions that have appeared since start
   * at their beginning.
   */
  readonly known: ReadonlyMap<string, number>
  readonly log: Logger
  note(event: StreamEvent): void
}

/** Where each new partition begins. The start is committed first, so that LATEST loses nothing while we are away. */
export class Beginnings {
  readonly #admin: ClusterAdmin
  readonly #commits: Commits
  readonly #settings: BeginningsSettings

  constructor(admin: ClusterAdmin, commits: Commits, settings: BeginningsSettings) {
    this.#admin = admin
    this.#commits = commits
    this.#settings = settings
  }

  /** Begins at what the group has committed, or at the start position; where neither can be found, nothing happens. */
  async begin(
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
      let offset = known === NONE ? (starts.get(tracker.partition) ?? low) : known === EARLIEST_MARK ? low : known
      if (known >= 0 && (known < low || known > high)) {
        offset = low
        this.gap(tracker, known < low ? low - known : 0)
      }
      if (offset !== known && !(await this.#commit(tracker, offset))) continue
      if (done()) return
      startAt(tracker, offset)
    }
  }

  /** Begins with the first offset of a topic that was made anew. */
  async beginAnew(tracker: Tracker, low: number): Promise<void> {
    if (await this.#commit(tracker, low)) startAt(tracker, low)
  }

  /** Says that messages were missed; none: that the offsets have gone back. */
  gap({ topic, partition }: Tracker, missed: number): void {
    this.#settings.note({ kind: 'gap', topic, partition, missed })
    if (missed === 0)
      this.#settings.log.error(
        { topic, partition },
        `the offsets of ${topic}/${partition} have gone back: the topic was made anew; reading it from its beginning`
      )
  }

  #commit({ topic, partition }: Tracker, offset: number): Promise<boolean> {
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

function startAt(tracker: Tracker, offset: number): void {
  tracker.committed = offset
  tracker.startAt(offset)
  tracker.verified = true
}

function timeOf(position: Exclude<StartPosition, { at: 'earliest' | 'latest' }>): number {
  return position.at === 'time' ? position.time : Date.now() - position.hours * 3_600_000
}
