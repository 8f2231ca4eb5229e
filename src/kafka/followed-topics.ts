import type { Admin } from 'kafkajs'
import type { StreamSetup } from '../contract/stream.ts'
import { countPartitions, type Found, findTopics } from './topics.ts'

/** How often topics are looked up, in milliseconds: while one is missing, and otherwise. */
export interface Look {
  readonly again: number
  readonly forNew: number
}
const LOOK: Look = { again: 5000, forNew: 60_000 }

/** The topics of a stream that are on the broker, and those that appear later. */
export class FollowedTopics {
  readonly #admin: Admin
  readonly #setup: StreamSetup
  readonly #where: string
  readonly #look: Look
  #found: Found = { topics: [], missing: [] }

  constructor(admin: Admin, setup: StreamSetup, where: string, look = LOOK) {
    this.#admin = admin
    this.#setup = setup
    this.#where = where
    this.#look = look
  }

  get topics(): readonly string[] {
    return this.#found.topics
  }

  /** Gives the partitions that each has. */
  async lookUp(): Promise<ReadonlyMap<string, number>> {
    await this.#admin.connect()
    this.#found = await findTopics(this.#admin, this.#setup.topics)
    return countPartitions(this.#admin, this.#found.topics)
  }

  sayMissing(): void {
    const { missing, topics } = this.#found
    const { log, note } = this.#setup
    if (missing.length > 0) {
      const reason = `the topic ${missing.join(', ')} is not on the broker, or these credentials may not see it`
      log.warn({ code: 'SOURCE_MISSING', missing }, `${this.#where}: ${reason}; waiting for it`)
      if (topics.length === 0) note({ kind: 'waiting', reason })
    } else if (topics.length === 0) {
      log.warn(`${this.#where}: no topic matches yet; waiting for one`)
    }
  }

  /** Calls `join` as soon as there is a topic, and with all of them whenever others appear. */
  async follow(signal: AbortSignal, join: (topics: readonly string[]) => Promise<void>): Promise<void> {
    if (this.#found.topics.length > 0) await join(this.#found.topics)
    while (!signal.aborted) {
      await pause(this.#found.missing.length > 0 ? this.#look.again : this.#look.forNew, signal)
      if (signal.aborted) return
      const found = await findTopics(this.#admin, this.#setup.topics).catch(() => this.#found)
      const added = found.topics.filter((topic) => !this.#found.topics.includes(topic))
      this.#found = { topics: [...this.#found.topics, ...added].sort(), missing: found.missing }
      if (added.length === 0) continue
      this.#setup.log.info({ topics: added }, `new topics: ${added.join(', ')}`)
      await join(this.#found.topics)
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
