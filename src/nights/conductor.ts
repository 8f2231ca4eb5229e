import type { StreamConfig } from '../contract/config.ts'
import { adviceOf, codeOf, reasonOf } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import type { Schedule, Window } from '../contract/schedule.ts'
import type { StreamAccount, StreamState } from '../pipeline/account.ts'
import type { Share } from '../pipeline/budget.ts'
import { Journal } from '../pipeline/journal.ts'
import { Pipeline } from '../pipeline/pipeline.ts'
import { sleep } from '../pipeline/retry.ts'
import type { Surroundings } from '../pipeline/surroundings.ts'
import { keepReport } from './report-file.ts'
import { type HowEnded, reportOf } from './report.ts'
import { reportLines } from './report-text.ts'

interface Settings {
  readonly drainSeconds: number
  readonly member: number | undefined
}

/**
 * Runs one stream in the windows of its SCHEDULE, each with a pipeline of its own, until the process stops; between them
 * it rests. What failed for good in one window is tried again in the next.
 */
export class Conductor {
  readonly id: string
  readonly share: Share
  readonly account: StreamAccount
  /** Why it failed for good in the last window. */
  failure: Error | undefined
  readonly #config: StreamConfig
  readonly #schedule: Schedule
  readonly #around: Surroundings
  readonly #settings: Settings
  readonly #log: Logger
  /** Of the windows that have ended. */
  readonly #past: Journal
  #pipeline: Pipeline | undefined

  constructor(config: StreamConfig, schedule: Schedule, around: Surroundings, settings: Settings) {
    this.id = config.id
    this.share = around.share
    this.account = around.account.stream(config.id)
    this.#config = config
    this.#schedule = schedule
    this.#around = around
    this.#settings = settings
    this.#log = around.log.child({ stream: config.id })
    this.#past = new Journal(around.clock.now())
    // What only shows when it is opened shows now, and not at night.
    for (const route of config.routes) if (route.dedupe) around.deduperOf(config.id, route)
  }

  /** All windows until now together; the extremes are those of none. */
  get journal(): Journal {
    const whole = new Journal(this.#around.clock.now())
    whole.addAll(this.#past)
    if (this.#pipeline) whole.addAll(this.#pipeline.journal)
    return whole
  }

  async backlog(): Promise<number | undefined> {
    return this.#pipeline?.backlog()
  }

  /** Resolves when the process stops and everything taken is settled, or when no window will come any more. */
  async run(): Promise<void> {
    const { clock, shutdown } = this.#around
    for (let after = clock.now(); !shutdown.stop.aborted; after = Math.max(after, clock.now())) {
      const window = this.#schedule.next(new Date(after))
      if (window === undefined) return this.#state('ended', 'SCHEDULE has no further window')
      if (clock.now() < window.opens.getTime()) {
        this.#rest(window)
        await clock.sleepUntil(window.opens.getTime(), shutdown.stop)
      }
      after = window.closes.getTime()
      // A machine that was asleep may have missed it.
      if (!shutdown.stop.aborted && clock.now() < after) await this.#runIn(window)
    }
    if (this.failure === undefined) this.#state('stopped')
  }

  #rest({ opens, closes }: Window): void {
    const days = (opens.getTime() - this.#around.clock.now()) / 86_400_000
    const wait = days < 1.5 ? '' : `, in ${Math.round(days)} days`
    const next = `the next window opens at ${minuteOf(opens)}${wait}, and closes at ${minuteOf(closes)}`
    this.#log.info(next)
    if (this.failure === undefined) this.#state('resting', next)
    else this.#state('failed', `${reasonOf(this.failure)}; it is tried again when ${next}`)
  }

  async #runIn(window: Window): Promise<void> {
    const { clock, shutdown } = this.#around
    const [closing, deadline, ended] = [new AbortController(), new AbortController(), new AbortController()]
    const before = structuredClone(this.account)
    const started = clock.now()
    this.#log.info(`the window is open, until ${minuteOf(window.closes)}`)
    const closed = this.#close(window, closing, deadline, ended.signal)
    const pipeline = this.#pipelineOf({
      stop: AbortSignal.any([shutdown.stop, closing.signal]),
      abandon: AbortSignal.any([shutdown.abandon, deadline.signal])
    })
    this.#pipeline = pipeline
    await pipeline?.run()
    ended.abort()
    await closed
    if (pipeline === undefined) return
    this.#pipeline = undefined
    this.failure = pipeline.failure
    this.#past.addAll(pipeline.journal)
    const how: HowEnded = this.failure
      ? 'failed'
      : closing.signal.aborted
        ? 'closed'
        : shutdown.stop.aborted
          ? 'stopped'
          : 'ended'
    pipeline.journal.pace.rest(clock.now())
    await this.#report(reportOf({ window, started, ended: clock.now(), how, before, pipeline }))
  }

  #pipelineOf(shutdown: Surroundings['shutdown']): Pipeline | undefined {
    try {
      return new Pipeline(this.#config, { ...this.#around, shutdown })
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error))
      this.#log.error({ code: codeOf(error, 'CONNECT_FAILED') }, `stream failed: ${adviceOf(error)}`)
      this.#state('failed', reasonOf(error))
      return undefined
    }
  }

  /** Ends the reading when the window closes, and the waiting DRAIN_SECONDS later. */
  async #close(
    { closes }: Window,
    closing: AbortController,
    deadline: AbortController,
    ended: AbortSignal
  ): Promise<void> {
    const { clock, shutdown } = this.#around
    const { drainSeconds } = this.#settings
    await clock.sleepUntil(closes.getTime(), AbortSignal.any([shutdown.stop, ended]))
    if (shutdown.stop.aborted || ended.aborted) return
    this.#log.info(`the window closes: finishing what was taken, for at most ${drainSeconds} s`)
    closing.abort()
    await sleep(drainSeconds, ended)
    if (ended.aborted) return
    this.#log.warn(`${drainSeconds} s after the window has closed: giving back what is not finished`)
    deadline.abort()
  }

  async #report(report: ReturnType<typeof reportOf>): Promise<void> {
    for (const line of reportLines(report)) this.#log.info(line)
    try {
      const path = await keepReport(this.#around.stateDir, report, this.#settings.member)
      this.#log.info({ path }, `the report of the night is in ${path}`)
    } catch (error) {
      this.#log.error(`the report of the night cannot be written: ${reasonOf(error)}`)
    }
  }

  #state(state: StreamState, reason?: string): void {
    this.account.state = state
    this.account.reason = reason
  }
}

/** `2026-03-02T02:38Z`. */
function minuteOf(time: Date): string {
  return `${time.toISOString().slice(0, 16)}Z`
}
