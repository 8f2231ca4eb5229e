import { adviceOf, codeOf, reasonOf } from '../contract/errors.ts'
import type { Expression } from '../contract/filter.ts'
import type { Logger } from '../contract/log.ts'
import type { Outgoing, Placed, Rejection, Sink } from '../contract/sink.ts'
import type { AlertStream } from '../contract/stream.ts'
import type { SinkAccount } from './account.ts'
import { backoff, sleep } from './retry.ts'
import type { Work } from './work.ts'

/** The most that goes into one write. */
const MOST_MESSAGES = 10_000
const MOST_BYTES = 8 * 1024 * 1024

interface Item {
  readonly work: Work
  readonly placed: Placed
  readonly dead: boolean
}

/** What waits for one ordered target. */
interface Queue {
  items: Item[]
  writing: boolean
  /** Items whose stream does not know at the moment whether they are still its own; the others go on. */
  readonly parked: Map<AlertStream, Item[]>
}

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
  readonly #log: Logger
  readonly #abandon: AbortSignal
  readonly #closing = new AbortController()
  readonly #queues = new Map<string, Queue>()
  readonly #running = new Set<Promise<void>>()
  /** What does not succeed at the moment, and why. */
  readonly #faults = new Map<string, string>([['opening it', 'connecting']])
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
    this.#log = log
    this.#abandon = AbortSignal.any([abandon, this.#closing.signal])
  }

  /** Why something cannot be written at the moment. */
  get reason(): string | undefined {
    return this.#faults.values().next().value
  }

  /** Opens the sink, again and again until it answers or the process gives up. */
  connect(): Promise<void> {
    this.#connected ??= this.#attempt('opening it', () => this.#sink.connect(this.#abandon)).then(() => {})
    return this.#connected
  }

  /** Takes one outgoing message of a work, or its dead letter. Throws `SINK_REJECTED` when it can never be written. */
  put(work: Work, outgoing: Outgoing, dead = false): void {
    const placed = this.#sink.place(outgoing, dead ? work.deadLetter : work)
    work.charge(placed.extraBytes)
    this.#account.taken++
    this.#account.inFlight++
    let queue = this.#queues.get(placed.target)
    if (queue === undefined) {
      queue = { items: [], writing: false, parked: new Map() }
      this.#queues.set(placed.target, queue)
    }
    queue.items.push({ work, placed, dead })
    this.#start(queue, placed.target)
  }

  #start(queue: Queue, target: string): void {
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

  async #drain(queue: Queue, target: string): Promise<void> {
    await this.connect()
    while (queue.items.length > 0 && !this.#abandon.aborted) await this.#write(queue, target)
    queue.writing = false
    if (queue.items.length === 0 && queue.parked.size === 0) this.#queues.delete(target)
  }

  async #write(queue: Queue, target: string): Promise<void> {
    let items = takeBatch(queue)
    let placed: Placed[] = []
    const rejections = await this.#attempt(`writing to ${target}`, async () => {
      const owned = this.#owned(items, queue, target)
      if (owned !== items || placed.length === 0) placed = owned.map((item) => item.placed)
      items = owned
      return items.length === 0 ? [] : this.#sink.write(placed, this.#abandon)
    })
    if (rejections !== undefined) this.#settle(items, rejections)
  }

  /** What may be written now: without what the source has taken away, or may have taken away. */
  #owned(items: Item[], queue: Queue, target: string): Item[] {
    const held = new Map<AlertStream, Promise<void> | undefined>()
    let whole = true
    for (const { work } of items) {
      if (!held.has(work.origin)) held.set(work.origin, work.origin.held())
      if (work.delivery.stale || work.settled || held.get(work.origin) || queue.parked.has(work.origin)) whole = false
    }
    if (whole) return items
    return items.filter((item) => {
      const { work } = item
      const wait = held.get(work.origin)
      if (work.delivery.stale || work.settled) {
        this.#account.taken--
        this.#account.inFlight--
        work.settle('givenBack')
        return false
      }
      if (wait === undefined && !queue.parked.has(work.origin)) return true
      this.#park(item, wait, queue, target)
      return false
    })
  }

  #park(item: Item, wait: Promise<void> | undefined, queue: Queue, target: string): void {
    const { origin } = item.work
    const parked = queue.parked.get(origin)
    if (parked !== undefined) {
      parked.push(item)
      return
    }
    const items = [item]
    queue.parked.set(origin, items)
    wait?.then(() => {
      queue.parked.delete(origin)
      queue.items = [...items, ...queue.items]
      this.#queues.set(target, queue)
      this.#start(queue, target)
    })
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
        work.written()
      } else {
        this.#account.rejected++
        const reason = `sink ${this.name}: ${rejection.reason}`
        if (dead) work.deadLetterRejected(reason)
        else work.rejected({ code: rejection.code, reason, stack: undefined, attempts: 1 })
      }
    }
  }

  /** Repeats until it succeeds; undefined when the process can wait no longer. */
  async #attempt<T>(doing: string, action: () => Promise<T>): Promise<T | undefined> {
    for (let attempt = 1; !this.#abandon.aborted; attempt++) {
      try {
        const result = await action()
        if (attempt > 1) this.#log.info(`sink ${this.name} is back`)
        this.#faults.delete(doing)
        return result
      } catch (error) {
        if (this.#abandon.aborted) return undefined
        this.#account.retries++
        this.#faults.set(doing, reasonOf(error))
        const code = codeOf(error, 'SINK_UNAVAILABLE')
        const fields = { code, attempt }
        const text = `sink ${this.name} is unavailable (${doing}): ${adviceOf(error)} Trying again; nothing is lost.`
        // Once loudly, then now and then: an outage of an hour is not an hour of warnings.
        if (attempt === 1 || attempt % 10 === 0) this.#log.warn(fields, text)
        else this.#log.debug(fields, text)
        await sleep(backoff(attempt, 0.2, 5), this.#abandon)
      }
    }
    return undefined
  }
}

function takeBatch(queue: Queue): Item[] {
  let bytes = 0
  let count = 0
  for (const { placed } of queue.items) {
    if (count > 0 && (count >= MOST_MESSAGES || bytes + placed.bytes > MOST_BYTES)) break
    bytes += placed.bytes
    count++
  }
  if (count === queue.items.length) {
    const all = queue.items
    queue.items = []
    return all
  }
  return queue.items.splice(0, count)
}
