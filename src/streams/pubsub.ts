import { makeCodec } from '../codecs/option.ts'
import type { Message } from '../contract/alert.ts'
import type { Codec } from '../contract/codec.ts'
import type { Resource } from '../contract/resource.ts'
import type { AlertStream, Delivery, NeedsSetup, StreamSetup } from '../contract/stream.ts'
import { passesOver } from '../google/classtar.ts'
import { clusterOf } from '../google/client.ts'
import type { PubsubOptions } from '../google/fields.ts'
import { shaped } from '../google/lightening.ts'
import { Puller, type Pulling } from '../google/puller.ts'
import { deleteSubscriptions } from '../google/rest-calls.ts'
import { subscriptionResources } from '../google/resources.ts'
import { Run } from '../google/run.ts'
import { projectOf, type Source, sourcesOf, subscriptionOf, topicProjects } from '../google/source.ts'
import { pubsubError } from '../google/status.ts'
import { before } from '../google/waiting.ts'

/** Milliseconds. Google's client by itself tries for a minute before it says that nobody answers. */
export const CONNECT = 9_000

/** One Pub/Sub subscription for each topic, whichever way its messages come. */
export abstract class PubsubStream<Options extends PubsubOptions> implements AlertStream {
  static readonly grouped = true

  static reads({ TOPIC_PROJECT }: PubsubOptions): string {
    return topicProjects(TOPIC_PROJECT).map(clusterOf).join(',')
  }

  static logName(options: PubsubOptions, topic: string): string {
    return subscriptionOf(options, topic)
  }

  static needs(options: PubsubOptions, { id, topics, baseDir }: NeedsSetup): readonly Resource[] {
    const project = projectOf(options.PROJECT, id)
    return subscriptionResources(sourcesOf({ id, topics }, project, options), options, { project, baseDir })
  }

  readonly codec: Codec
  /** Alerts on the other side of CLASSTAR_THRESHOLD. */
  readonly ignores: (message: Message) => boolean
  protected readonly options: Options
  protected readonly setup: StreamSetup
  protected readonly project: string
  protected readonly sources: readonly Source[]
  #puller: Puller | undefined
  #closed: Promise<void> | undefined

  constructor(options: Options, setup: StreamSetup) {
    this.options = options
    this.setup = setup
    const codec = makeCodec('auto', setup)
    this.codec = shaped(codec, options)
    this.ignores = passesOver(codec, options)
    this.project = projectOf(options.PROJECT, setup.id)
    this.sources = sourcesOf(setup, this.project, options)
  }

  /** Makes sure of the subscriptions, and gives what reads them. */
  protected abstract open(signal: AbortSignal): Promise<Omit<Pulling, 'passesOver'>>

  /** What `open` has made besides, however far it came. */
  protected async letGo(): Promise<void> {}

  /** The most messages and bytes of one topic held at once. */
  protected get limits(): { readonly messages: number; readonly bytes: number } {
    const { MAX_MESSAGES, MAX_RESULTS = MAX_MESSAGES } = this.options
    return {
      messages: Math.max(1, Math.min(MAX_MESSAGES, MAX_RESULTS)),
      bytes: Math.max(1, Math.floor(this.setup.room.most / this.sources.length))
    }
  }

  async connect(signal: AbortSignal): Promise<void> {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(CONNECT)])
    try {
      await before(deadline, this.#connect(deadline))
    } catch (error) {
      await this.close()
      const cause = deadline.aborted && !signal.aborted ? new Error(`no answer within ${CONNECT / 1000} s`) : error
      throw pubsubError(cause, `${this.setup.id}: project ${this.project}`, this.project)
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
    return this.sources.map(({ subscriptionPath }) => subscriptionPath)
  }

  unsubscribe(signal: AbortSignal): Promise<readonly string[]> {
    return deleteSubscriptions(this.sources, this.options, this.setup, this.project, signal)
  }

  async #connect(signal: AbortSignal): Promise<void> {
    const pulling = { ...(await this.open(signal)), passesOver: this.ignores }
    this.#puller = new Puller(pulling, this.setup, this.project, Run.of(this.options))
  }

  async #close(): Promise<void> {
    if ((await this.#puller?.close()) === false) {
      this.setup.log.warn('not everything was confirmed by Pub/Sub before the end: some alerts may come again')
    }
    await this.letGo()
  }
}
