import type { ClusterAdmin } from './cluster-admin.ts'
import type { Tracker } from './offsets.ts'

/** How many messages the log has beyond what was taken, over all these partitions. */
export async function countBacklog(admin: ClusterAdmin, trackers: readonly Tracker[]): Promise<number> {
  let beyond = 0
  for (const topic of new Set(trackers.map((tracker) => tracker.topic))) {
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      const tracker = trackers.find((one) => one.topic === topic && one.partition === partition)
      if (tracker !== undefined) beyond += Math.max(0, Number(high) - Math.max(tracker.next, Number(low)))
    }
  }
  return beyond
}
