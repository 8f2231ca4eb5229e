import type { StreamSetup } from '../contract/stream.ts'
import { textIn } from './answers.ts'
import { call, type RestService } from './rest.ts'
import { type Account, openService } from './service.ts'
import type { Source } from './source.ts'
import { pubsubError, Status, statusOf } from './status.ts'
import type { SubscriptionCalls } from './touch.ts'

/** What there is to do about subscriptions, by HTTP. */
export function restCalls(service: RestService, signal: AbortSignal): SubscriptionCalls {
  return {
    async look(path) {
      const answer = await call(service, 'GET', path, signal)
      return {
        topic: textIn(answer, 'topic') ?? '',
        filter: textIn(answer, 'filter') ?? '',
        ordered: answer.enableMessageOrdering === true
      }
    },
    async create(path, topic, { filter, ordered }) {
      const nature = { ...(filter && { filter }), ...(ordered && { enableMessageOrdering: true }) }
      await call(service, 'PUT', path, signal, { topic, ...nature })
    },
    async seek(path, time) {
      await call(service, 'POST', `${path}:seek`, signal, { time: time.toISOString() })
    }
  }
}

/** Deletes subscriptions and what they hold. Gives back those that were there. */
export async function deleteSubscriptions(
  sources: readonly Source[],
  account: Account,
  { id, baseDir }: Pick<StreamSetup, 'id' | 'baseDir'>,
  project: string,
  signal: AbortSignal
): Promise<readonly string[]> {
  const service = await openService('pubsub', account, baseDir, id)
  const deleted: string[] = []
  for (const { subscriptionPath } of sources) {
    try {
      await call(service, 'DELETE', subscriptionPath, signal)
      deleted.push(subscriptionPath)
    } catch (error) {
      if (statusOf(error) !== Status.NOT_FOUND) throw pubsubError(error, `${id}: ${subscriptionPath}`, project)
    }
  }
  return deleted
}
