import { globPattern, isDated, isGlob } from '../contract/topics.ts'
import type { ClusterAdmin } from './cluster-admin.ts'

/** Topics of the broker's own, which no alert comes from. */
const INTERNAL = /^__/

/** What the keys of TOPIC_HANDLERS come to on a broker, those with dates left out. */
export interface Found {
  /** There, sorted. */
  readonly topics: readonly string[]
  /** Named exactly, and not there. */
  readonly missing: readonly string[]
}

/** Among the topics of the broker; one that these credentials may not see counts as not there. */
export function findTopics(listed: readonly string[], keys: readonly string[]): Found {
  const there = new Set(listed)
  const exact = keys.filter((key) => !isGlob(key))
  const patterns = keys.filter((key) => isGlob(key) && !isDated(key)).map(globPattern)
  const matched = listed.filter((topic) => !INTERNAL.test(topic) && patterns.some((pattern) => pattern.test(topic)))
  const topics = [...new Set([...exact.filter((topic) => there.has(topic)), ...matched])].sort()
  return { topics, missing: exact.filter((topic) => !there.has(topic)) }
}

/** How many partitions each of these topics has. */
export async function countPartitions(admin: ClusterAdmin, topics: readonly string[]): Promise<Map<string, number>> {
  if (topics.length === 0) return new Map()
  const metadata = await admin.fetchTopicMetadata({ topics: [...topics] })
  return new Map(metadata.topics.map(({ name, partitions }) => [name, partitions.length]))
}
