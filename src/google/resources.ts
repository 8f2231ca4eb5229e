import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import type { Resource } from '../contract/resource.ts'
import { call, type Method, type RestService } from './rest.ts'
import { restCalls } from './rest-calls.ts'
import { type Account, openService } from './service.ts'
import type { Source } from './source.ts'
import { Status, statusOf, unlessMissing, unlessThere, unreachable } from './status.ts'

/** Who asks, in which project, and where relative paths start. */
export interface Asker {
  readonly project: string
  readonly account: Account
  readonly baseDir: string
}

/** A topic of Pub/Sub. */
export function topicResource(topic: string, asker: Asker): Resource {
  const path = `projects/${asker.project}/topics/${topic}`
  return pubsubResource('Pub/Sub topic', path, asker, (service, signal) => call(service, 'PUT', path, signal, {}))
}

/** The subscriptions of a stream, each behind its topic where that is in the user's own project. */
export function subscriptionResources(
  sources: readonly Source[],
  options: Account & { readonly SUBSCRIPTION_FILTER: string; readonly ORDERED: boolean },
  { project, baseDir }: Omit<Asker, 'account'>
): readonly Resource[] {
  const asker = { project, account: options, baseDir }
  const nature = { filter: options.SUBSCRIPTION_FILTER, ordered: options.ORDERED }
  return sources.flatMap(({ topicPath, subscriptionPath }) => {
    const [, topicProject, , topic] = topicPath.split('/')
    const create = (service: RestService, signal: AbortSignal) =>
      restCalls(service, signal).create(subscriptionPath, topicPath, nature)
    const subscription = pubsubResource('Pub/Sub subscription', subscriptionPath, asker, create)
    return topicProject === project ? [topicResource(topic!, asker), subscription] : [subscription]
  })
}

type Create = (service: RestService, signal: AbortSignal) => Promise<unknown>

function pubsubResource(kind: string, path: string, { project, account, baseDir }: Asker, make: Create): Resource {
  const open = () => openService('pubsub', account, baseDir, path)
  const ask = async (method: Method, signal: AbortSignal) => unlessMissing(call(await open(), method, path, signal))
  return {
    kind,
    name: path,
    exists: async (signal) => (await said(ask('GET', signal), path, project)) !== undefined,
    create: (signal) => said(unlessThere(open().then((service) => make(service, signal))), path, project),
    remove: async (signal) => void (await said(ask('DELETE', signal), path, project))
  }
}

async function said<T>(asked: Promise<T>, path: string, project: string): Promise<T> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof AlertStreamsError) throw error
    throw new AlertStreamsError('CONNECT_FAILED', `${path}: ${reasonOf(error)}`, {
      cause: error,
      remedy: remedyFor(statusOf(error), project)
    })
  }
}

function remedyFor(status: number | undefined, project: string): string {
  switch (status) {
    case Status.UNAUTHENTICATED:
      return 'Set KEY_FILE to a valid service account key, or log in again: alertstreams login pitt-google.'
    case Status.PERMISSION_DENIED:
      return `Give the account the role Pub/Sub Editor in project ${project}.`
    case Status.NOT_FOUND:
      return `Check PROJECT (${project}) and TOPIC_PROJECT: the topic of a subscription has to exist.`
    case Status.INVALID_ARGUMENT:
      return 'Check the names of topics and subscriptions.'
    default:
      return unreachable()
  }
}
