import { setTimeout as sleep } from 'node:timers/promises'
import { inputTopics } from './alerts.ts'
import type { Cluster } from './cluster.ts'
import { groups } from './config.ts'

/** What a group has committed of each `topic/partition`; 0 where nothing. */
export type Offsets = ReadonlyMap<string, number>

/** How far the groups are, as the broker says. */
export class Watch {
  readonly #cluster: Cluster
  readonly #topics = new Map<string, readonly string[]>([
    [groups.main, inputTopics.filter((topic) => topic !== 'latest')],
    [groups.latest, ['latest']]
  ])

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** A topic that has appeared. */
  add(topic: string): void {
    this.#topics.set(groups.main, [...this.#topics.get(groups.main)!, topic])
  }

  async committed(): Promise<Offsets> {
    return this.#patiently(async () => {
      const found = new Map<string, number>()
      for (const [groupId, topics] of this.#topics) {
        for (const { topic, partitions } of await this.#cluster.admin.fetchOffsets({ groupId, topics: [...topics] }))
          for (const { partition, offset } of partitions) found.set(`${topic}/${partition}`, Number(offset))
      }
      return found
    })
  }

  async ends(): Promise<Offsets> {
    return this.#patiently(async () => {
      const found = new Map<string, number>()
      for (const topic of [...this.#topics.values()].flat())
        for (const { partition, high } of await this.#cluster.admin.fetchTopicOffsets(topic))
          found.set(`${topic}/${partition}`, Number(high))
      return found
    })
  }

  /** What is in the topics and not committed; both, so that a caller can look closer. */
  async lag(): Promise<{ readonly lag: number; readonly committed: Offsets; readonly behind: readonly string[] }> {
    const [committed, ends] = await Promise.all([this.committed(), this.ends()])
    const behind: string[] = []
    let lag = 0
    for (const [lane, end] of ends) {
      const missing = end - Math.max(0, committed.get(lane) ?? 0)
      if (missing > 0) behind.push(`${lane}: ${missing}`)
      lag += missing
    }
    return { lag, committed, behind }
  }

  /** The partitions that have something to read and no more committed than then. */
  async still(then: Offsets): Promise<string[]> {
    const [committed, ends] = await Promise.all([this.committed(), this.ends()])
    return [...ends].flatMap(([lane, end]) => {
      const now = committed.get(lane) ?? -1
      return end > Math.max(0, now) && now <= (then.get(lane) ?? -1) ? [lane] : []
    })
  }

  /** The broker may be away: the harness waits for it as long as it takes. */
  async #patiently<T>(ask: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask()
      } catch (error) {
        if (attempt === 60) throw error
        await sleep(500)
      }
    }
  }
}
