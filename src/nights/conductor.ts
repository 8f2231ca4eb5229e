import type { StreamConfig } from '../contract/config.ts'
import { adviceOf, codeOf, reasonOf } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import type { Schedule, Window } from '../contract/schedule.ts'
import type { StreamAccount, StreamState } from '../pipeline/account.ts'
import type { Share } from '../pipeline/budget.ts'
import { Journal } from '../pipeline/journal.ts'
import { Pipeline } from '../pipeline/pipeline.ts'
import type { Shutdown, Surroundings } from '../pipeline/surroundings.ts'
import { Closing, isOpen } from './closing.ts'
import { type HowEnded, type Report, reportOf } from './report.ts'
import { type Keeping, keepReport } from './report-file.ts'
import { reportLines } from './report-text.ts'

interface Settings extends Keeping {
  readonly drainSeconds: number
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
    this.#past = new Journal(around.clock)
    // What cannot be made shows now, and not at night.
    new Pipeline(config, around)
  }

  /** All windows until now together; the extremes are those of none. */
  get journal(): Journal {
    const whole = new Journal(this.#around.clock)
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
    let done: Window | undefined
    while (!shutdown.stop.aborted) {
      const now = clock.now()
      // A clock that was put back so far brings it again.
      if (done && now < done.opens.getTime()) done = undefined
      const window = this.#schedule.next(new Date(Math.max(now, done?.closes.getTime() ?? now)))
      if (window === undefined) return this.#state('ended', 'SCHEDULE has no further window')
      if (now < window.opens.getTime()) {
        this.#rest(window)
        await clock.sleepUntil(window.opens.getTime(), shutdown.stop)
      }
      // A machine that was asleep may have missed it, and one whose clock was put back has time.
      if (shutdown.stop.aborted || !isOpen(window, clock.now())) continue
      done = window
      await this.#runIn(window)
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
    const before = structuredClone(this.account)
    const started = clock.now()
    this.#log.info(`the window is open, until ${minuteOf(window.closes)}`)
    const closing = new Closing(window, this.#around, this.#settings.drainSeconds, this.#log)
    const pipeline = this.#open(closing.shutdown)
    await pipeline?.run()
    await closing.finish()
    if (pipeline === undefined) return
    pipeline.journal.pace.rest(clock.now())
    this.failure = pipeline.failure
    this.#pipeline = undefined
    this.#past.addAll(pipeline.journal)
    const stopped: HowEnded = shutdown.stop.aborted ? 'stopped' : 'ended'
    const how = this.failure ? 'failed' : closing.closed ? 'closed' : stopped
    await this.#report(reportOf({ window, started, ended: clock.now(), how, before, pipeline }))
  }

  #open(shutdown: Shutdown): Pipeline | undefined {
    try {
      this.#pipeline = new Pipeline(this.#config, { ...this.#around, shutdown })
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error))
      this.#log.error({ code: codeOf(error, 'CONNECT_FAILED') }, `stream failed: ${adviceOf(error)}`)
      this.#state('failed', reasonOf(error))
    }
    return this.#pipeline
  }

  async #report(report: Report): Promise<void> {
    for (const line of reportLines(report)) this.#log.info(line)
    try {
      const path = await keepReport(this.#around.stateDir, report, this.#settings)
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
