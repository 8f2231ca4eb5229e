import type { ClusterAdmin } from './cluster-admin.ts'

/** The group has no offset. */
export const NONE = -1
/** kafkajs itself commits this when it finds its offset out of the log's range. */
export const EARLIEST_MARK = -2

/** What the group has committed, by `topic/partition`. */
export async function committedOffsets(
  admin: ClusterAdmin,
  groupId: string,
  topics: string[]
): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  if (topics.length === 0) return found
  const groups = await admin.fetchOffsets({ groupId, topics })
  for (const { topic, partitions } of groups)
    for (const { partition, offset } of partitions) found.set(`${topic}/${partition}`, Number(offset))
  return found
}
