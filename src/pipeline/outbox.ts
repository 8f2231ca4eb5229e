import type { Expression } from '../contract/filter.ts'
import type { Logger } from '../contract/log.ts'
import type { Outgoing, Placed, Rejection, Sink } from '../contract/sink.ts'
import type { SinkAccount } from './account.ts'
import { Attempts } from './attempts.ts'
import { type Item, TargetQueue } from './target-queue.ts'
import type { Work } from './work.ts'

/**
 * One per sink: while one write is in flight, whatever arrives gathers in order, and the next write takes all of it
 * (group commit: an idle sink writes at once, a busy one writes large batches). Nobody waits for a write but the works
 * in it.
 */
export class Outbox {
  readonly name: string
  /** KEY of the sink. */
  readonly key: Expression | undefined
  readonly #sink: Sink
  readonly #account: SinkAccount
  readonly #attempts: Attempts
  readonly #abandon: AbortSignal
  readonly #closing = new AbortController()
  readonly #queues = new Map<string, TargetQueue>()
  readonly #running = new Set<Promise<void>>()
  #connected: Promise<void> | undefined

  constructor(
    name: string,
    sink: Sink,
    { account, log, abandon, key }: { account: SinkAccount; log: Logger; abandon: AbortSignal; key?: Expression }
  ) {
    this.name = name
    this.key = key
    this.#sink = sink
    this.#account = account
    this.#abandon = AbortSignal.any([abandon, this.#closing.signal])
    this.#attempts = new Attempts(name, { account, log, abandon: this.#abandon })
  }

  /** True where its sink writes what was decoded. */
  get readsPayload(): boolean {
    return this.#sink.readsPayload === true
  }

  /** Why something cannot be written at the moment. */
  get reason(): string | undefined {
    return this.#attempts.reason
  }

  /** Opens the sink, again and again until it answers or the process gives up; without it, the first write does. */
  connect(): Promise<void> {
    this.#connected ??= this.#connect()
    return this.#connected
  }

  async #connect(): Promise<void> {
    this.#attempts.expect('opening it', 'connecting')
    await this.#attempts.repeat('opening it', () => this.#sink.connect(this.#abandon))
  }

  /** Takes one outgoing message of a work, or its dead letter. Throws `SINK_REJECTED` when it can never be written. */
  put(work: Work, outgoing: Outgoing, dead = false): void {
    const placed = this.#sink.place(outgoing, dead ? work.deadLetter : work)
    work.charge(placed.extraBytes)
    this.#account.taken++
    this.#account.inFlight++
    const queue = this.#queues.get(placed.target) ?? this.#open(placed.target)
    queue.items.push({ work, placed, dead })
    this.#start(queue, placed.target)
  }

  #open(target: string): TargetQueue {
    const queue = new TargetQueue(() => {
      this.#queues.set(target, queue)
      this.#start(queue, target)
    })
    this.#queues.set(target, queue)
    return queue
  }

  #start(queue: TargetQueue, target: string): void {
    if (queue.writing) return
    queue.writing = true
    // Not at once: what the same batch of deliveries still brings belongs into the first write.
    queueMicrotask(() => {
      const run = this.#drain(queue, target)
      this.#running.add(run)
      run.finally(() => this.#running.delete(run))
    })
  }

  /** Resolves when nothing is being written any more; what is left then was abandoned. */
  async close(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
    // A sink that nobody wrote to may still be trying to connect.
    this.#closing.abort()
    await this.#connected
    await this.#sink.close()
  }

  async #drain(queue: TargetQueue, target: string): Promise<void> {
    await this.connect()
    while (queue.items.length > 0 && !this.#abandon.aborted) await this.#write(queue, target)
    queue.writing = false
    if (queue.empty) this.#queues.delete(target)
  }

  async #write(queue: TargetQueue, target: string): Promise<void> {
    let items = queue.takeBatch()
    let placed: Placed[] = []
    const rejections = await this.#attempts.repeat(`writing to ${target}`, async () => {
      const owned = queue.owned(items, (work) => this.#giveBack(work))
      if (owned !== items || placed.length === 0) placed = owned.map((item) => item.placed)
      items = owned
      return items.length === 0 ? [] : this.#sink.write(placed, this.#abandon)
    })
    if (rejections !== undefined) this.#settle(items, rejections)
  }

  #giveBack(work: Work): void {
    this.#account.taken--
    this.#account.inFlight--
    work.settle('givenBack')
  }

  #settle(items: Item[], rejections: readonly Rejection[]): void {
    const rejected = new Map(rejections.map((rejection) => [rejection.index, rejection]))
    this.#account.inFlight -= items.length
    for (let index = 0; index < items.length; index++) {
      const { work, placed, dead } = items[index]!
      const rejection = rejected.size === 0 ? undefined : rejected.get(index)
      if (rejection === undefined) {
        this.#account.written++
        this.#account.bytes += placed.bytes
        work.owner.wrote(this.name)
        work.written()
      } else {
        this.#account.rejected++
        const reason = `sink ${this.name}: ${rejection.reason}`
        if (dead) work.deadLetterRejected(reason)
        else work.rejected({ code: rejection.code, reason, stack: undefined, attempts: 1 })
      }
    }
  }
}
