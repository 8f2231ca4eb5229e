import { AlertStreamsError } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import type { Source } from './source.ts'
import { pubsubError, Status, statusOf } from './status.ts'

/** The two calls that it takes, over whatever transport; they reject with an error that `statusOf` can read. */
export interface SubscriptionCalls {
  /** The full name of the topic that the subscription is attached to. */
  topicOf(subscriptionPath: string): Promise<string>
  create(subscriptionPath: string, topicPath: string): Promise<void>
}

/**
 * Makes sure that the subscription exists: one that is there is used with whatever topic it has, else it is created.
 * Throws `SUBSCRIPTION_MISSING` when there is no topic to create it on.
 */
export async function touchSubscription(
  source: Source,
  calls: SubscriptionCalls,
  where: { readonly stream: string; readonly project: string; readonly log: Logger }
): Promise<void> {
  const { subscriptionPath, topicPath } = source
  const place = `${where.stream}: ${subscriptionPath}`
  try {
    const existing = await found(calls.topicOf(subscriptionPath))
    if (existing !== undefined) return adopt(source, existing, where.log)
    await calls.create(subscriptionPath, topicPath)
    where.log.info(`created ${subscriptionPath} on ${topicPath}; it receives what is published from now on`)
  } catch (error) {
    if (statusOf(error) === Status.ALREADY_EXISTS) {
      where.log.info(`${subscriptionPath} has just been created by someone else`)
    } else if (statusOf(error) === Status.NOT_FOUND) {
      throw new AlertStreamsError(
        'SUBSCRIPTION_MISSING',
        `${place} does not exist and cannot be created: there is no topic ${topicPath}`,
        { cause: error, remedy: 'Correct the topic in TOPIC_HANDLERS, TOPIC_PROJECT, or the name in SUBSCRIPTION.' }
      )
    } else throw pubsubError(error, place, where.project)
  }
}

async function found(topic: Promise<string>): Promise<string | undefined> {
  try {
    return await topic
  } catch (error) {
    if (statusOf(error) === Status.NOT_FOUND) return undefined
    throw error
  }
}

function adopt({ subscriptionPath, topicPath }: Source, existing: string, log: Logger): void {
  log.info(`${subscriptionPath} exists and receives from ${existing}`)
  if (existing === '_deleted-topic_') {
    log.warn(`the topic of ${subscriptionPath} was deleted: only what it still keeps will come`)
  } else if (existing !== topicPath) {
    log.warn(`${subscriptionPath} receives from ${existing}, not from ${topicPath}`)
  }
}
