import type { PubSub, Subscription } from '@google-cloud/pubsub'
import { makeCodec } from '../codecs/option.ts'
import type { Codec } from '../contract/codec.ts'
import { integer, type OptionsOf } from '../contract/options.ts'
import type { Message } from '../contract/alert.ts'
import type { AlertStream, Delivery, StreamSetup } from '../contract/stream.ts'
import { passesOver } from '../google/classtar.ts'
import { clusterOf, grpcCalls, once, openPubsub } from '../google/client.ts'
import { pubsubFields } from '../google/fields.ts'
import { shaped } from '../google/lightening.ts'
import { Puller } from '../google/puller.ts'
import { Run } from '../google/run.ts'
import { deleteSubscriptions } from '../google/rest-calls.ts'
import { credentialsOf } from '../google/service.ts'
import { projectOf, type Source, sourcesOf, subscriptionOf, topicProjects } from '../google/source.ts'
import { pubsubError } from '../google/status.ts'
import { openSubscriptions } from '../google/subscriptions.ts'
import { before } from '../google/waiting.ts'

/** Milliseconds. The client by itself tries for a minute before it says that nobody answers. */
const CONNECT = 9_000
/** Seconds. Google's client has been seen to stop without a word, and Pub/Sub does not say how much it holds. */
const IDLE = 15 * 60
/** Hours that a lease is extended: as long as Pub/Sub keeps a message. The client's own limit is one hour. */
const LEASE = 7 * 24
/** Seconds. The client's own limits are minutes, and it would sleep through the source's return. */
const RECONNECT = 5

const fields = {
  ...pubsubFields,
  MAX_STREAMS: integer('Connections that pull from one subscription.', { fallback: 2 })
}

type Options = OptionsOf<typeof fields>
type Library = typeof import('@google-cloud/pubsub')

/** One subscription for each topic, pulled by Google's client, which extends the leases of what is in flight. */
export class PittGoogleAlertStream implements AlertStream {
  static readonly doc = 'Alerts from the Pitt-Google broker, or from any Google Pub/Sub topic, by streaming pull.'
  static readonly fields = fields
  static readonly grouped = true
  static readonly tomNames = ['tom_pittgoogle.broker_stream_python.BrokerStreamPython']

  static reads({ TOPIC_PROJECT }: Options): string {
    return topicProjects(TOPIC_PROJECT).map(clusterOf).join(',')
  }

  static logName({ SUBSCRIPTION }: Options, topic: string): string {
    return subscriptionOf(SUBSCRIPTION, topic)
  }

  readonly codec: Codec
  readonly patience = IDLE
  /** Alerts on the other side of CLASSTAR_THRESHOLD. */
  readonly ignores: (message: Message) => boolean
  readonly #options: Options
  readonly #setup: StreamSetup
  readonly #project: string
  readonly #sources: readonly Source[]
  #pubsub: PubSub | undefined
  #puller: Puller | undefined
  #closed: Promise<void> | undefined

  constructor(options: Options, setup: StreamSetup) {
    this.#options = options
    this.#setup = setup
    const codec = makeCodec('auto', setup)
    this.codec = shaped(codec, options)
    this.ignores = passesOver(codec, options)
    this.#project = projectOf(options.PROJECT, setup.id)
    this.#sources = sourcesOf(setup, this.#project, options)
  }

  async connect(signal: AbortSignal): Promise<void> {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(CONNECT)])
    try {
      await before(deadline, this.#connect(deadline))
    } catch (error) {
      await this.close()
      const cause = deadline.aborted && !signal.aborted ? new Error(`no answer within ${CONNECT / 1000} s`) : error
      throw pubsubError(cause, `${this.#setup.id}: project ${this.#project}`, this.#project)
    }
  }

  async *read(signal: AbortSignal): AsyncGenerator<readonly Delivery[]> {
    if (this.#puller) yield* this.#puller.read(signal)
  }

  held(): undefined {}

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  get subscriptions(): readonly string[] {
    return this.#sources.map(({ subscriptionPath }) => subscriptionPath)
  }

  unsubscribe(signal: AbortSignal): Promise<readonly string[]> {
    return deleteSubscriptions(this.#sources, this.#options, this.#setup, this.#project, signal)
  }

  async #connect(signal: AbortSignal): Promise<void> {
    const { id, baseDir } = this.#setup
    const login = { project: this.#project, place: id, ...credentialsOf(this.#options, baseDir) }
    const { library, pubsub } = await openPubsub(login, signal)
    this.#pubsub = pubsub
    await openSubscriptions(this.#sources, this.#options, grpcCalls(pubsub, signal), this.#setup, this.#project)
    this.#puller = this.#pullerOf(library, pubsub)
  }

  #pullerOf({ Duration, SubscriptionCloseBehaviors }: Library, pubsub: PubSub): Puller {
    const { MAX_MESSAGES, MAX_STREAMS, MAX_RESULTS = MAX_MESSAGES } = this.#options
    const lease = Duration.from({ hours: LEASE })
    const options = () => ({
      flowControl: {
        maxMessages: Math.max(1, Math.min(MAX_MESSAGES, MAX_RESULTS)),
        maxBytes: Math.max(1, Math.floor(this.#setup.room.most / this.#sources.length)),
        // What goes beyond waits in our queue. The client's own forgets: when an ack takes it from full to free it
        // hands out none of those that wait there, and without another ack it never does.
        allowExcessMessages: true
      },
      streamingOptions: {
        maxStreams: Math.max(1, MAX_STREAMS),
        retryMaxBackoff: Duration.from({ seconds: RECONNECT })
      },
      maxExtensionTime: lease,
      closeOptions: { behavior: SubscriptionCloseBehaviors.WaitForProcessing, timeout: lease }
    })
    const opened = this.#sources.map(({ subscriptionPath }) => pubsub.subscription(subscriptionPath, options()))
    const pulling = {
      subscriptions: new Map(this.#sources.map(({ topic }, i) => [topic, opened[i]!])),
      ask: (signal: AbortSignal) => opened[0]!.getMetadata(once(signal)),
      giveBack: () => opened.forEach(giveBack),
      passesOver: this.ignores
    }
    return new Puller(pulling, this.#setup, this.#project, Run.of(this.#options))
  }

  async #close(): Promise<void> {
    if ((await this.#puller?.close()) === false) {
      this.#setup.log.warn('not everything was confirmed by Pub/Sub before the end: some alerts may come again')
    }
    await this.#pubsub?.close()
  }
}

/**
 * The client's `close` has no other end: an exactly-once message that was on its way when reading stopped is leased and
 * never shown to anyone, and its lease would be extended for as long as the process lives. This is what the client
 * itself does when its own time is over, seven days from now.
 */
function giveBack(subscription: Subscription): void {
  // biome-ignore lint/complexity/useLiteralKeys: TypeScript grants no other access to what is declared private
  for (const message of subscription['_subscriber']['_inventory'].clear()) message.nack()
}
