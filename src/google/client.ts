import type { PubSub } from '@google-cloud/pubsub'
import type { SubscriptionCalls } from './touch.ts'

export const SCOPES = ['https://www.googleapis.com/auth/pubsub']
/** Milliseconds. The client's own limit is minutes, and it would sleep through Pub/Sub's return. */
const RECONNECT = 5_000
/** Milliseconds. */
const CALL = 8_000

type Library = typeof import('@google-cloud/pubsub')

/** Whose Pub/Sub, and as whom. */
export interface Login {
  readonly project: string
  /** Absolute; see `Credentials`. */
  readonly keyFile: string | undefined
  readonly tokenFile?: string | undefined
  /** Begins the messages of errors. */
  readonly place: string
}

/** How a project's topics are named where streams and sinks are compared, as brokers are. */
export function clusterOf(project: string): string {
  return `pubsub:${project.toLowerCase()}`
}

/**
 * Google's client, or one for the emulator that PUBSUB_EMULATOR_HOST names. `channel`: options of its connections. Throws
 * as `authorize` does.
 */
export async function openPubsub(
  { project, keyFile, tokenFile, place }: Login,
  signal: AbortSignal,
  channel: Readonly<Record<string, number>> = {}
): Promise<{ readonly library: Library; readonly pubsub: PubSub }> {
  // Loaded here, since it takes long.
  const [library, auth] = await Promise.all([import('@google-cloud/pubsub'), import('./auth.ts')])
  const emulator = process.env.PUBSUB_EMULATOR_HOST
  const authClient = emulator ? auth.anonymous() : await auth.authorize({ keyFile, tokenFile, scopes: SCOPES }, place)
  signal.throwIfAborted()
  const reconnect = { 'grpc.max_reconnect_backoff_ms': RECONNECT }
  return { library, pubsub: new library.PubSub({ projectId: project, authClient, ...reconnect, ...channel }) }
}

/** What there is to do about subscriptions, by Google's client. */
export function grpcCalls(pubsub: PubSub, signal: AbortSignal): SubscriptionCalls {
  return {
    async look(path) {
      const [{ topic, filter, enableMessageOrdering }] = await pubsub.subscription(path).getMetadata(once(signal))
      return { topic: topic ?? '', filter: filter ?? '', ordered: enableMessageOrdering === true }
    },
    async create(path, topic, { filter, ordered }) {
      const nature = { ...(filter && { filter }), ...(ordered && { enableMessageOrdering: true }) }
      await pubsub.createSubscription(topic, path, { ...nature, gaxOpts: once(signal) })
    },
    // The client gets fractions of a second wrong: there are none.
    async seek(path, time) {
      await pubsub.subscription(path).seek(time, once(signal))
    }
  }
}

/** One attempt of a call, bounded: the runner does the retrying. */
export function once(signal: AbortSignal): { timeout: number; retry: { retryCodes: number[] }; signal: AbortSignal } {
  return { timeout: CALL, retry: { retryCodes: [] }, signal }
}
