import { globPattern, isDated } from '../contract/topics.ts'
import type { ClusterAdmin } from './cluster-admin.ts'
import { committedOffsets, NONE } from './group-offsets.ts'

export interface DatedSettings {
  /** With dates or without; those without are left out. */
  readonly keys: readonly string[]
  readonly groupId: string
  /** How many nights back a topic is read, the one of today (UTC) included. */
  readonly nights: number
  /** Unix milliseconds. */
  now(): number
}

/** A topic of one night. */
interface Night {
  readonly topic: string
  readonly key: string
  /** YYYYMMDD. */
  readonly date: string
}

const DAY_MS = 86_400_000
/** For so many nights more a topic that was let go of is taken up again when something comes late. */
const STRAGGLING = 7

/**
 * Which topics of single nights are to be read: those within the window, which ends tomorrow (UTC), since a night may be
 * named after either of its two dates; and older ones of which the group has not read all. The latter are found after a
 * long absence too: everything since the oldest night on which the group has committed.
 */
export class DatedTopics {
  readonly #admin: ClusterAdmin
  readonly #settings: DatedSettings
  readonly #keys: readonly string[]
  /** Older topics may be among these that have to be read to their ends; undefined until the group was asked. */
  #behind: Set<string> | undefined
  /** The keys of which the group had read a night before we came. */
  #begun: ReadonlySet<string> = new Set()

  constructor(admin: ClusterAdmin, settings: DatedSettings) {
    this.#admin = admin
    this.#settings = settings
    this.#keys = settings.keys.filter(isDated)
  }

  /** True for a topic of a single night, whether it is read or not. */
  fits(topic: string): boolean {
    return nightOf(topic, this.#keys) !== undefined
  }

  /** Those of the broker's topics that are to be read now. */
  async choose(listed: readonly string[]): Promise<readonly string[]> {
    if (this.#keys.length === 0) return []
    const { nights, now } = this.#settings
    const dayBefore = (days: number) => dateOf(now() - days * DAY_MS)
    const there = listed.flatMap((topic) => nightOf(topic, this.#keys) ?? [])
    this.#behind ??= await this.#sinceCommitted(there)
    const behind = this.#behind
    const older = there.filter(({ date, topic }) => date < dayBefore(nights - 1) && behind.has(topic))
    const unread = await this.#unfinished(older.map(({ topic }) => topic))
    for (const { date, topic } of older)
      if (date < dayBefore(nights + STRAGGLING) && !unread.includes(topic)) behind.delete(topic)
    const recent = there.filter(({ date }) => date >= dayBefore(nights - 1) && date <= dayBefore(-1))
    for (const { topic } of recent) behind.add(topic)
    return [...recent.map(({ topic }) => topic), ...unread]
  }

  /** False for a night that follows on others of the group: it is read from its beginning, whatever START_POSITION says. */
  hasStartPosition(topic: string): boolean {
    const night = nightOf(topic, this.#keys)
    return night === undefined || !this.#begun.has(night.key)
  }

  async #sinceCommitted(there: readonly Night[]): Promise<Set<string>> {
    const { groupId } = this.#settings
    const committed = await committedOffsets(this.#admin, groupId, [...new Set(there.map(({ topic }) => topic))])
    const read = new Set([...committed].filter(([, offset]) => offset !== NONE).map(([lane]) => topicOf(lane)))
    const begun = there.filter(({ topic }) => read.has(topic))
    this.#begun = new Set(begun.map(({ key }) => key))
    const since = there.filter(({ key, date }) => begun.some((night) => night.key === key && night.date <= date))
    return new Set(since.map(({ topic }) => topic))
  }

  /** Those of which the log has more than the group has committed. */
  async #unfinished(topics: string[]): Promise<readonly string[]> {
    const committed = await committedOffsets(this.#admin, this.#settings.groupId, topics)
    const unread: string[] = []
    for (const topic of topics) {
      const partitions = await this.#admin.fetchTopicOffsets(topic)
      const hasMore = partitions.some(({ partition, low, high }) => {
        return Number(high) > Math.max(Number(low), committed.get(`${topic}/${partition}`) ?? NONE)
      })
      if (hasMore) unread.push(topic)
    }
    return unread
  }
}

/** The night of a topic, by the first key that fits. */
function nightOf(topic: string, keys: readonly string[]): Night | undefined {
  for (const key of keys) {
    const date = globPattern(key).exec(topic)?.[1]?.replaceAll('-', '')
    if (date !== undefined) return { topic, key, date }
  }
  return undefined
}

/** UTC, as YYYYMMDD. */
function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10).replaceAll('-', '')
}

function topicOf(lane: string): string {
  return lane.slice(0, lane.lastIndexOf('/'))
}
