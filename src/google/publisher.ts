import type { v1 } from '@google-cloud/pubsub'
import { reasonOf } from '../contract/errors.ts'
import { type Login, openPubsub } from './client.ts'
import { type PlacedMessage, ROOM } from './outgoing.ts'
import { Status, statusOf } from './status.ts'
import { targetError } from './target-error.ts'
import { before } from './waiting.ts'

/** Milliseconds: Google's own for a publish, since 10 MB may take long on a slow line; and for opening. */
const PUBLISH = 60_000
const CONNECT = 9_000
/** Messages in a request, and requests on their way at the same time: each ordering key needs one of its own. */
const MOST_MESSAGES = 1_000
const AT_ONCE = 32
/** Milliseconds: finds a connection of which the other side knows nothing any more. Google's Python client asks as often. */
const KEEPALIVE = { 'grpc.keepalive_time_ms': 30_000, 'grpc.keepalive_timeout_ms': 10_000 }

/**
 * Publishes with the generated client, one request at a time for an ordering key. The client's own publisher would
 * gather and repeat once more what the outbox gathers and repeats, and after a failure keep a key closed until resumed.
 */
export class Publisher {
  readonly #login: Login
  #client: v1.PublisherClient | undefined

  constructor(login: Login) {
    this.#login = login
  }

  /** Reaches Pub/Sub, and looks for the topic where there is only one. Throws `SINK_UNAVAILABLE`. */
  async connect(topic: string | undefined, signal: AbortSignal): Promise<void> {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(CONNECT)])
    try {
      await before(deadline, this.#connect(topic, deadline))
    } catch (error) {
      const cause = deadline.aborted && !signal.aborted ? new Error(`no answer within ${CONNECT / 1000} s`) : error
      throw targetError(cause, this.#login.project, topic)
    }
  }

  /**
   * All of one topic. Resolves when Pub/Sub has answered for each: it is `written`, or `refused` says why not. Throws
   * `SINK_UNAVAILABLE`, and then nothing of it is on its way any more.
   */
  async publish(topic: string, batch: readonly PlacedMessage[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const open = batch.filter(({ written, refused }) => !written && refused === undefined)
    const keys = [...Map.groupBy(open, ({ message }) => message.orderingKey).values()]
    const stop = new AbortController()
    const publishNext = async () => {
      for (let key = keys.shift(); key !== undefined; key = keys.shift()) {
        for (const request of requestsOf(key)) {
          if (stop.signal.aborted) return
          await this.#send(topic, request, signal)
        }
      }
    }
    const workers = Array.from({ length: Math.min(AT_ONCE, keys.length) }, () =>
      publishNext().catch((error: unknown) => stop.abort(error))
    )
    await before(signal, Promise.all(workers))
    if (stop.signal.aborted) throw targetError(stop.signal.reason, this.#login.project, topic)
  }

  async close(): Promise<void> {
    await this.#client?.close()
  }

  async #connect(topic: string | undefined, signal: AbortSignal): Promise<void> {
    if (this.#client === undefined) {
      const { library, pubsub } = await openPubsub(this.#login, signal, KEEPALIVE)
      this.#client = new library.v1.PublisherClient({ ...(await pubsub.getClientConfig()) })
    }
    try {
      if (topic !== undefined) await this.#client.getTopic({ topic: this.#pathOf(topic) }, once(CONNECT, signal))
      else
        await this.#client.listTopics(
          { project: `projects/${this.#login.project}`, pageSize: 1 },
          { ...once(CONNECT, signal), autoPaginate: false }
        )
    } catch (error) {
      // An answer too: who may publish need not be allowed to look.
      if (statusOf(error) !== Status.PERMISSION_DENIED) throw error
    }
  }

  async #send(topic: string, placed: readonly PlacedMessage[], signal: AbortSignal): Promise<void> {
    try {
      const messages = placed.map(({ message }) => message)
      await this.#client!.publish({ topic: this.#pathOf(topic), messages }, once(PUBLISH, signal))
      for (const one of placed) one.written = true
    } catch (error) {
      if (statusOf(error) !== Status.INVALID_ARGUMENT) throw error
      const [first] = placed
      if (placed.length === 1 && first !== undefined) {
        first.refused = `${topic}: ${reasonOf(error)}`
        return
      }
      // One is enough for Pub/Sub to refuse them all.
      const half = Math.ceil(placed.length / 2)
      await this.#send(topic, placed.slice(0, half), signal)
      await this.#send(topic, placed.slice(half), signal)
    }
  }

  #pathOf(topic: string): string {
    return `projects/${this.#login.project}/topics/${topic}`
  }
}

/** Cuts what belongs to one ordering key, in its order, into as few requests as Pub/Sub takes. */
function requestsOf(messages: readonly PlacedMessage[]): PlacedMessage[][] {
  const requests: PlacedMessage[][] = []
  let bytes = 0
  for (const message of messages) {
    const last = requests.at(-1)
    if (last !== undefined && last.length < MOST_MESSAGES && bytes + message.bytes <= ROOM) {
      last.push(message)
      bytes += message.bytes
    } else {
      requests.push([message])
      bytes = message.bytes
    }
  }
  return requests
}

/** One attempt of a call, bounded: the outbox does the repeating. */
function once(timeout: number, signal: AbortSignal): { timeout: number; retry: null; signal: AbortSignal } {
  return { timeout, retry: null, signal }
}
