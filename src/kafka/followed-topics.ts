import type { StreamSetup } from '../contract/stream.ts'
import type { ClusterAdmin } from './cluster-admin.ts'
import { DatedTopics, type DatedSettings } from './dated-topics.ts'
import { countPartitions, type Found, findTopics } from './topics.ts'

/** How often topics are looked up, in milliseconds: while one is missing, and otherwise. */
export interface Look {
  readonly again: number
  readonly forNew: number
}
const LOOK: Look = { again: 5000, forNew: 60_000 }

export interface FollowedSettings extends DatedSettings {
  /** Names the stream and the cluster, for messages. */
  readonly where: string
  readonly look: Look | undefined
  /** See `KafkaSource`. */
  readonly absent: string | undefined
}

/** The topics of a stream that are on the broker, those that appear later, and those of the nights that pass. */
export class FollowedTopics {
  readonly #admin: ClusterAdmin
  readonly #setup: Pick<StreamSetup, 'log' | 'note'>
  readonly #settings: FollowedSettings
  readonly #look: Look
  readonly #dated: DatedTopics
  #found: Found = { topics: [], missing: [] }

  constructor(admin: ClusterAdmin, setup: Pick<StreamSetup, 'log' | 'note'>, settings: FollowedSettings) {
    this.#admin = admin
    this.#setup = setup
    this.#settings = settings
    this.#look = settings.look ?? LOOK
    this.#dated = new DatedTopics(admin, settings)
  }

  get topics(): readonly string[] {
    return this.#found.topics
  }

  /** Gives the partitions of each topic to which START_POSITION applies. */
  async lookUp(): Promise<ReadonlyMap<string, number>> {
    await this.#admin.connect()
    this.#found = await this.#find()
    return countPartitions(
      this.#admin,
      this.#found.topics.filter((topic) => this.#dated.hasStartPosition(topic))
    )
  }

  sayMissing(): void {
    const { missing, topics } = this.#found
    const { log, note } = this.#setup
    const { where, absent = 'or these credentials may not see it' } = this.#settings
    if (missing.length > 0) {
      const reason = `the topic ${missing.join(', ')} is not on the broker, ${absent}`
      log.warn({ code: 'SOURCE_MISSING', missing }, `${where}: ${reason}; waiting for it`)
      if (topics.length === 0) note({ kind: 'waiting', reason })
    } else if (topics.length === 0) {
      log.warn(`${where}: no topic matches yet; waiting for one`)
    }
  }

  /** Calls `join` as soon as there is a topic, and with all of them whenever others appear or nights are done with. */
  async follow(signal: AbortSignal, join: (topics: readonly string[]) => Promise<void>): Promise<void> {
    if (this.#found.topics.length > 0) await join(this.#found.topics)
    while (!signal.aborted) {
      await pause(this.#found.missing.length > 0 ? this.#look.again : this.#look.forNew, signal)
      if (signal.aborted) return
      const { topics, missing } = await this.#find().catch(() => this.#found)
      const before = this.#found.topics
      const added = topics.filter((topic) => !before.includes(topic))
      const left = before.filter((topic) => !topics.includes(topic))
      // Nothing at all can't be joined: the last nights stay until there is another.
      this.#found = { topics: topics.length > 0 ? topics : before, missing }
      if (topics.length === 0 || added.length + left.length === 0) continue
      if (added.length > 0) this.#setup.log.info({ topics: added }, `new topics: ${added.join(', ')}`)
      if (left.length > 0) this.#setup.log.info({ topics: left }, `done with: ${left.join(', ')}`)
      await join(topics)
    }
  }

  /** A topic that is there once is followed until its night has passed and all of it is done. */
  async #find(): Promise<Found> {
    const listed = await this.#admin.listTopics()
    const { topics, missing } = findTopics(listed, this.#settings.keys)
    const before = this.#found.topics.filter((topic) => !this.#dated.fits(topic))
    const dated = await this.#dated.choose(listed)
    return { topics: [...new Set([...before, ...topics, ...dated])].sort(), missing }
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
