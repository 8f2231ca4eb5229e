import { makeCodec } from '../codecs/option.ts'
import type { Message } from '../contract/alert.ts'
import type { Codec } from '../contract/codec.ts'
import type { OptionsOf } from '../contract/options.ts'
import type { AlertStream, Delivery, StreamSetup } from '../contract/stream.ts'
import { passesOver } from '../google/classtar.ts'
import { clusterOf } from '../google/client.ts'
import { endpoint } from '../google/endpoint.ts'
import { pubsubFields } from '../google/fields.ts'
import { shaped } from '../google/lightening.ts'
import { Puller } from '../google/puller.ts'
import { deleteSubscriptions, restCalls } from '../google/rest-calls.ts'
import { RestSubscription } from '../google/rest-subscription.ts'
import { Run } from '../google/run.ts'
import { openService } from '../google/service.ts'
import { projectOf, type Source, sourcesOf, subscriptionOf, topicProjects } from '../google/source.ts'
import { pubsubError } from '../google/status.ts'
import { openSubscriptions } from '../google/subscriptions.ts'
import { before } from '../google/waiting.ts'

/** Milliseconds. */
const CONNECT = 9_000

const fields = {
  ...pubsubFields,
  ENDPOINT: endpoint('Another address of Pub/Sub: regional, private; default: https://pubsub.googleapis.com.')
}

type Options = OptionsOf<typeof fields>

/**
 * One subscription for each topic, pulled batch by batch over HTTP: for networks that let nothing else through, and for
 * moderate rates.
 */
export class PittGoogleRestAlertStream implements AlertStream {
  static readonly doc = 'The same as PittGoogleAlertStream by HTTP requests alone (unary pulls), without gRPC.'
  static readonly fields = fields
  static readonly grouped = true
  static readonly tomNames = ['tom_pittgoogle.broker_stream_rest.BrokerStreamRest']

  static reads({ TOPIC_PROJECT }: Options): string {
    return topicProjects(TOPIC_PROJECT).map(clusterOf).join(',')
  }

  static logName({ SUBSCRIPTION }: Options, topic: string): string {
    return subscriptionOf(SUBSCRIPTION, topic)
  }

  readonly codec: Codec
  /** Alerts on the other side of CLASSTAR_THRESHOLD. */
  readonly ignores: (message: Message) => boolean
  readonly #options: Options
  readonly #setup: StreamSetup
  readonly #project: string
  readonly #sources: readonly Source[]
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
    const service = await openService('pubsub', this.#options, baseDir, id)
    signal.throwIfAborted()
    await openSubscriptions(this.#sources, this.#options, restCalls(service, signal), this.#setup, this.#project)
    // What is made from here on has to be closed.
    signal.throwIfAborted()
    const { MAX_MESSAGES, MAX_RESULTS = MAX_MESSAGES } = this.#options
    const limits = {
      messages: Math.max(1, Math.min(MAX_MESSAGES, MAX_RESULTS)),
      bytes: Math.floor(this.#setup.room.most / this.#sources.length)
    }
    const opened = this.#sources.map(({ subscriptionPath }) => new RestSubscription(service, subscriptionPath, limits))
    const pulling = {
      subscriptions: new Map(this.#sources.map(({ topic }, i) => [topic, opened[i]!])),
      ask: (signal: AbortSignal) =>
        restCalls(service, AbortSignal.any([signal, AbortSignal.timeout(CONNECT)])).look(opened[0]!.name),
      giveBack: () => {
        for (const subscription of opened) subscription.giveBack()
      },
      passesOver: this.ignores
    }
    this.#puller = new Puller(pulling, this.#setup, this.#project, Run.of(this.#options))
  }

  async #close(): Promise<void> {
    if ((await this.#puller?.close()) === false) {
      this.#setup.log.warn('not everything was confirmed by Pub/Sub before the end: some alerts may come again')
    }
  }
}
