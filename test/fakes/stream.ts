import { codecOf } from '../../src/codecs/usual.ts'
import type { Message } from '../../src/contract/alert.ts'
import type { AlertStream, Delivery, StreamSetup } from '../../src/contract/stream.ts'
import { messageOf } from './message.ts'

/** So few that every test sees several batches. */
const MOST_AT_ONCE = 7

/** A source in memory that keeps its messages until they are acknowledged, as a broker does. */
export class MemorySource {
  readonly messages: Message[] = []
  readonly acked = new Set<string>()
  /** Settled more often than once, or both ways. */
  readonly settledTwice: string[] = []
  readonly nacked: string[] = []
  /** Streams made over it. */
  opened = 0
  /** What `connect` of the next streams rejects with, one after the other. */
  readonly refusals: Error[] = []
  /** The stream that is open now. */
  current: MemoryStream | undefined
  ended = false
  /** `held()` of the open stream, while the source does not know us. */
  verified: PromiseWithResolvers<void> | undefined
  ignores: ((message: Message) => boolean) | undefined
  /** While true, the first stream hands out nothing; one that is opened later does. */
  frozen = false
  /** Whether the next streams can say how much there is. */
  tellsBacklog = false
  /** Of the next streams. */
  patience: number | undefined
  #changed = Promise.withResolvers<void>()

  publish(...messages: readonly Message[]): void {
    this.messages.push(...messages)
    this.wake()
  }

  /** So many more, of one partition. */
  bring(topic: string, count: number): void {
    const first = this.messages.length
    this.publish(...Array.from({ length: count }, (_, n) => messageOf(first + n, { topic })))
  }

  /** Messages that the open stream has not handed out. */
  get backlog(): number {
    return this.current?.left ?? this.messages.length
  }

  /** No more will come: streams end behind the last message. */
  end(): void {
    this.ended = true
    this.wake()
  }

  /** From here on nobody knows whether the messages in flight are still ours. */
  doubt(): void {
    this.verified ??= Promise.withResolvers()
  }

  /** Whether they are: `stale` says of each message in flight whether it was taken away. */
  decide(stale: (message: Message) => boolean): void {
    for (const delivery of this.current?.open ?? []) if (stale(delivery.message)) delivery.stale = true
    this.verified?.resolve()
    this.verified = undefined
  }

  get changed(): Promise<void> {
    return this.#changed.promise
  }

  wake(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  readonly open = (setup: StreamSetup): MemoryStream => {
    this.current = new MemoryStream(this, setup)
    return this.current
  }
}

/** One opening of a source: it hands out whatever is not acknowledged, in order. */
export class MemoryStream implements AlertStream {
  readonly codec = codecOf('json')
  readonly open = new Set<MemoryDelivery>()
  readonly ignores: (message: Message) => boolean
  readonly patience?: number
  readonly backlog?: () => Promise<number>
  closed = 0
  readonly #source: MemorySource
  readonly #setup: StreamSetup
  readonly #number: number
  readonly #ended = new AbortController()
  #failure: Error | undefined
  #next = 0

  constructor(source: MemorySource, setup: StreamSetup) {
    this.#source = source
    this.#setup = setup
    this.ignores = (message) => source.ignores?.(message) ?? false
    this.#number = ++source.opened
    if (source.patience !== undefined) this.patience = source.patience
    if (source.tellsBacklog) this.backlog = async () => this.left
  }

  async connect(): Promise<void> {
    const refusal = this.#source.refusals.shift()
    if (refusal) throw refusal
  }

  /** `read` throws this. */
  fail(error: Error): void {
    this.#failure = error
    this.#source.wake()
  }

  async *read(signal: AbortSignal): AsyncIterable<readonly Delivery[]> {
    const { room } = this.#setup
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    while (!signal.aborted) {
      if (this.#failure) throw this.#failure
      const changed = this.#source.changed
      const batch = this.#source.frozen && this.#number === 1 ? [] : this.take()
      if (batch.length > 0) yield batch
      else if (this.#source.ended && this.#next === this.#source.messages.length) return
      else await Promise.race([changed, room.wait(AbortSignal.any([signal, this.#ended.signal])), aborted])
    }
  }

  /** How many messages it has not handed out. */
  get left(): number {
    const { messages, acked } = this.#source
    return messages.slice(this.#next).filter(({ id }) => !acked.has(id)).length
  }

  /** What the room admits of the next few. */
  take(): readonly Delivery[] {
    const { messages, acked } = this.#source
    const batch: MemoryDelivery[] = []
    for (; this.#next < messages.length && batch.length < MOST_AT_ONCE; this.#next++) {
      const message = messages[this.#next]!
      if (acked.has(message.id)) continue
      if (!this.#setup.room.admit(message.size)) break
      const delivery = new MemoryDelivery(message, this.#source, this)
      this.open.add(delivery)
      batch.push(delivery)
    }
    return batch
  }

  held(): Promise<void> | undefined {
    return this.closed > 0 ? undefined : this.#source.verified?.promise.then(() => this.held())
  }

  async close(): Promise<void> {
    this.closed++
    this.#ended.abort()
    for (const delivery of this.open) delivery.stale = true
    this.#source.verified?.resolve()
  }
}

class MemoryDelivery implements Delivery {
  readonly message: Message
  readonly partition: string | undefined
  stale = false
  readonly #source: MemorySource
  readonly #stream: MemoryStream
  #settled = false

  constructor(message: Message, source: MemorySource, stream: MemoryStream) {
    this.message = message
    this.partition = message.partition === undefined ? undefined : `${message.topic}/${message.partition}`
    this.#source = source
    this.#stream = stream
  }

  ack(): void {
    this.#settle()
    if (!this.stale) this.#source.acked.add(this.message.id)
  }

  nack(): void {
    this.#settle()
    this.#source.nacked.push(this.message.id)
  }

  #settle(): void {
    if (this.#settled) this.#source.settledTwice.push(this.message.id)
    this.#settled = true
    this.#stream.open.delete(this)
  }
}
