import type { StreamSetup } from '../contract/stream.ts'
import type { PubsubOptions } from './fields.ts'
import type { Source } from './source.ts'
import { seekOnce } from './start-time.ts'
import { type SubscriptionCalls, touchSubscription } from './touch.ts'

/** Makes sure that all are there, and lets them begin where START_POSITION says. Throws as both do. */
export async function openSubscriptions(
  sources: readonly Source[],
  options: PubsubOptions,
  calls: SubscriptionCalls,
  setup: StreamSetup,
  project: string
): Promise<void> {
  const nature = { filter: options.SUBSCRIPTION_FILTER, ordered: options.ORDERED }
  const where = { stream: setup.id, project, log: setup.log }
  const open = async (source: Source) => {
    const created = await touchSubscription(source, nature, calls, where)
    const start = options.START_POSITION
    if (start) await seekOnce(source.subscriptionPath, start, created, calls, setup, project)
  }
  await Promise.all(sources.map(open))
}
