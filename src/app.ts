import { keepRefused } from './archive/refused.ts'
import type { Config } from './contract/config.ts'
import { reasonOf } from './contract/errors.ts'
import type { Logger } from './contract/log.ts'
import type { Route } from './contract/route.ts'
import type { Clock } from './contract/schedule.ts'
import type { Source } from './contract/sink.ts'
import { DedupeStore } from './dedupe/index.ts'
import { Conductor } from './nights/conductor.ts'
import { hider } from './observe/log.ts'
import type { Observed } from './observe/observed.ts'
import { type Readiness, readiness } from './observe/ready.ts'
import { Account } from './pipeline/account.ts'
import { Budget } from './pipeline/budget.ts'
import { systemClock } from './pipeline/clock.ts'
import { Outbox } from './pipeline/outbox.ts'
import { Pipeline } from './pipeline/pipeline.ts'
import type { Shutdown } from './pipeline/surroundings.ts'

/** How a run ended. */
export interface Outcome {
  /** Some stream failed for good. */
  readonly failed: boolean
  /** The deadline passed and work was given back. */
  readonly abandoned: boolean
}

/** Everything that one configuration runs: a pipeline per stream (or a conductor, with one for each night), an outbox per sink. */
export class App implements Observed {
  readonly account = new Account()
  readonly bufferBytes: number
  readonly streams: readonly (Pipeline | Conductor)[]
  readonly #outboxes = new Map<string, Outbox>()
  /** Those that are opened at the start. */
  readonly #needed: readonly Outbox[]
  readonly #deduped: DedupeStore
  readonly #shutdown: Shutdown
  readonly #log: Logger

  constructor(config: Config, log: Logger, shutdown: Shutdown, member?: number, clock: Clock = systemClock) {
    this.#log = log
    this.#shutdown = shutdown
    const { baseDir } = config
    const { stateDir, bufferBytes, drainSeconds } = config.runner
    for (const { name, key, make } of config.sinks) {
      const sinkLog = log.child({ sink: name })
      const sink = make({ name, log: sinkLog, baseDir, stateDir, member })
      const outbox = new Outbox(name, sink, {
        account: this.account.sink(name),
        log: sinkLog,
        abandon: shutdown.abandon,
        ...(key && { key })
      })
      this.#outboxes.set(name, outbox)
    }
    this.#needed = config.sinks.flatMap(({ name, onDemand }) => (onDemand ? [] : [this.#outboxes.get(name)!]))
    this.#deduped = new DedupeStore(stateDir, log)
    // What is not divided among the members is one member's.
    const streams = config.streams.filter(({ grouped }) => grouped || (member ?? 0) === 0)
    this.bufferBytes = bufferBytes
    const budget = new Budget(bufferBytes, streams.length)
    const around = {
      account: this.account,
      outboxes: this.#outboxes,
      clock,
      log,
      baseDir,
      stateDir,
      shutdown,
      deduperOf: (stream: string, route: Route) => this.#deduped.of(stream, route),
      keepRefused: (deadLetter: Source) => keepRefused(stateDir, deadLetter)
    }
    this.streams = streams.map((stream) => {
      const own = { ...around, share: budget.share() }
      return stream.schedule === undefined
        ? new Pipeline(stream, own)
        : new Conductor(stream, stream.schedule, own, { drainSeconds, member, hide: hider(config.secrets) })
    })
  }

  /** Whether alerts come through at the moment, and if not, why. */
  get readiness(): Readiness {
    return readiness(this.account.streams, this.sinkFaults)
  }

  get sinkFaults(): Observed['sinkFaults'] {
    return Object.fromEntries([...this.#outboxes.values()].map(({ name, reason }) => [name, reason]))
  }

  /** Resolves when every stream has ended, was stopped or failed, and everything is closed. */
  async run(): Promise<Outcome> {
    for (const outbox of this.#needed) outbox.connect()
    await Promise.all(this.streams.map((stream) => stream.run()))
    for (const outbox of this.#outboxes.values()) {
      await outbox.close().catch((error) => this.#log.warn({ reason: reasonOf(error) }, 'closing a sink failed'))
    }
    this.#deduped.close()
    return {
      failed: this.streams.some(({ failure }) => failure !== undefined),
      abandoned: this.#shutdown.abandon.aborted
    }
  }
}
