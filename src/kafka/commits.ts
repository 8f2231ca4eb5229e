import { reasonOf } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import type { Tracker } from './offsets.ts'

export interface TopicOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: string
}

/** Pause after a commit that was not confirmed: the group is joining again, or the broker is away. */
const PAUSE_MS = 200

/**
 * Commits after every write, one in flight, always the newest prefix. A commit counts as done on kafkajs' event, not on
 * the promise: outside a run the promise resolves and nothing was sent.
 */
export class Commits {
  readonly #request: (offsets: readonly TopicOffset[]) => Promise<void>
  readonly #trackers: () => Iterable<Tracker>
  readonly #committed: (at: Date) => void
  readonly #log: Logger
  #running: Promise<void> | undefined
  #scheduled = false
  #closed = false
  /** Of the commit in flight. */
  #confirmed = false

  constructor(
    request: (offsets: readonly TopicOffset[]) => Promise<void>,
    trackers: () => Iterable<Tracker>,
    committed: (at: Date) => void,
    log: Logger
  ) {
    this.#request = request
    this.#trackers = trackers
    this.#committed = committed
    this.#log = log
  }

  /** Something was acknowledged. */
  soon(): void {
    if (this.#scheduled || this.#closed) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      this.#running ??= this.#run().finally(() => {
        this.#running = undefined
      })
    })
  }

  /** kafkajs says that these offsets are with the broker. */
  onCommitted(
    topics: readonly { topic: string; partitions: readonly { partition: number; offset: unknown }[] }[]
  ): void {
    this.#confirmed = true
    const trackers = new Map([...this.#trackers()].map((tracker) => [tracker.lane, tracker]))
    for (const { topic, partitions } of topics) {
      for (const { partition, offset } of partitions) {
        const tracker = trackers.get(`${topic}/${partition}`)
        if (tracker) tracker.committed = Math.max(tracker.committed, Number(String(offset)))
      }
    }
    this.#committed(new Date())
  }

  /** Resolves when everything that is done is committed, or the time (in ms) is over. */
  async flush(patience: number): Promise<boolean> {
    const deadline = Date.now() + patience
    while (this.#pending().length > 0 && Date.now() < deadline) {
      this.soon()
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    return this.#pending().length === 0
  }

  /** Commits these at once and says whether the broker has them. */
  async commit(offsets: readonly TopicOffset[]): Promise<boolean> {
    while (this.#running) await this.#running
    const sent = this.#send(offsets)
    this.#running = sent.then(() => {
      this.#running = undefined
      this.soon()
    })
    return sent
  }

  close(): void {
    this.#closed = true
  }

  #pending(): TopicOffset[] {
    const offsets: TopicOffset[] = []
    for (const { topic, partition, prefix, committed, lost, verified } of this.#trackers()) {
      // While it is not verified somebody else may have committed more.
      if (verified && !lost && prefix > committed) offsets.push({ topic, partition, offset: String(prefix) })
    }
    return offsets
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      const offsets = this.#pending()
      if (offsets.length === 0) return
      if (!(await this.#send(offsets))) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS).unref())
    }
  }

  async #send(offsets: readonly TopicOffset[]): Promise<boolean> {
    this.#confirmed = false
    const asked = new Map(offsets.map(({ topic, partition, offset }) => [`${topic}/${partition}`, Number(offset)]))
    for (const tracker of this.#trackers()) tracker.requested = asked.get(tracker.lane) ?? tracker.requested
    try {
      await this.#request(offsets)
    } catch (error) {
      this.#log.debug({ reason: reasonOf(error) }, 'a commit was refused; trying again with the newest offsets')
    }
    return this.#confirmed
  }
}
