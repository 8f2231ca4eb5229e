import { AlertStreamsError } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import type { Source } from './source.ts'
import { pubsubError, Status, statusOf } from './status.ts'

/** What a subscription is made with and keeps for its life. */
export interface Nature {
  /** On attributes, in Pub/Sub's language; empty: everything. */
  readonly filter: string
  /** Messages with one ordering key come one behind the other. */
  readonly ordered: boolean
}

/** The calls that it takes, over whatever transport; they reject with an error that `statusOf` can read. */
export interface SubscriptionCalls {
  /** `topic`: the full name of the topic that the subscription is attached to. */
  look(subscriptionPath: string): Promise<Nature & { readonly topic: string }>
  create(subscriptionPath: string, topicPath: string, nature: Nature): Promise<void>
  /** What was published before that time counts as acknowledged, and what was published since then does not. */
  seek(subscriptionPath: string, time: Date): Promise<void>
}

export interface Where {
  readonly stream: string
  readonly project: string
  readonly log: Logger
}

/**
 * Makes sure that the subscription exists: one that is there is used with whatever topic and nature it has, else it is
 * created. Throws `SUBSCRIPTION_MISSING` when there is no topic to create it on. True: it was created.
 */
export async function touchSubscription(
  source: Source,
  wanted: Nature,
  calls: SubscriptionCalls,
  where: Where
): Promise<boolean> {
  const { subscriptionPath, topicPath } = source
  const place = `${where.stream}: ${subscriptionPath}`
  try {
    const existing = await found(calls.look(subscriptionPath))
    if (existing !== undefined) {
      adopt(source, wanted, existing, where.log)
      return false
    }
    await calls.create(subscriptionPath, topicPath, wanted)
    where.log.info(`created ${subscriptionPath} on ${topicPath}; it receives what is published from now on`)
    return true
  } catch (error) {
    if (statusOf(error) === Status.ALREADY_EXISTS) {
      where.log.info(`${subscriptionPath} has just been created by someone else`)
      return false
    }
    if (statusOf(error) === Status.NOT_FOUND) {
      throw new AlertStreamsError(
        'SUBSCRIPTION_MISSING',
        `${place} does not exist and cannot be created: there is no topic ${topicPath}`,
        { cause: error, remedy: 'Correct the topic in TOPIC_HANDLERS, TOPIC_PROJECT, or the name in SUBSCRIPTION.' }
      )
    }
    throw pubsubError(error, place, where.project)
  }
}

async function found<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (statusOf(error) === Status.NOT_FOUND) return undefined
    throw error
  }
}

type Existing = Awaited<ReturnType<SubscriptionCalls['look']>>

function adopt({ subscriptionPath, topicPath }: Source, wanted: Nature, existing: Existing, log: Logger): void {
  const { topic, filter, ordered } = existing
  log.info(`${subscriptionPath} exists and receives from ${topic}${filter && `, only what matches ${filter}`}`)
  if (topic === '_deleted-topic_') {
    log.warn(`the topic of ${subscriptionPath} was deleted: only what it still keeps will come`)
  } else if (topic !== topicPath) {
    log.warn(`${subscriptionPath} receives from ${topic}, not from ${topicPath}`)
  }
  const immutable = 'Pub/Sub cannot change that: name another SUBSCRIPTION, or delete this one and what it holds'
  if (wanted.filter !== '' && wanted.filter !== filter) {
    log.warn(`${subscriptionPath} was made with ${filter ? `the filter ${filter}` : 'no filter'}; ${immutable}`)
  }
  if (wanted.ordered && !ordered) log.warn(`${subscriptionPath} was made without ordering; ${immutable}`)
}
