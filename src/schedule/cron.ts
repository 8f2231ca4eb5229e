import { Cron } from 'croner'
import type { Schedule, Window } from '../contract/schedule.ts'

/** So many openings are looked at to find two that come too close: more than a year of daily ones. */
const LOOKED_AT = 400

/** Opens when a cron expression of five fields says so, and stays open for a time. */
export class CronSchedule implements Schedule {
  readonly #cron: Cron
  /** Milliseconds. */
  readonly #length: number

  /** Throws for what is no cron expression, and for a time zone that is not known. */
  constructor(expression: string, seconds: number, timeZone: string) {
    this.#cron = new Cron(expression, { mode: '5-part', timezone: timeZone })
    this.#cron.nextRun()
    this.#length = seconds * 1000
  }

  next(after: Date): Window | undefined {
    // Those before a time do not include the one at it.
    const earlier = this.#cron.previousRuns(2, new Date(after.getTime() + 1000))
    const last = earlier.find((time) => time <= after)
    if (last !== undefined) {
      const window = this.#windowFrom(last)
      if (window.closes > after) return window
    }
    const opens = this.#cron.nextRun(after)
    return opens === null ? undefined : this.#windowFrom(opens)
  }

  /** Seconds between the two openings to come that are closest to each other. */
  shortestGap(now: Date): number {
    const openings = this.#cron.nextRuns(LOOKED_AT, now).map((time) => time.getTime())
    return Math.min(...openings.slice(1).map((time, index) => time - openings[index]!)) / 1000
  }

  /** Where the clocks are put forward two openings come closer than usual: the second one closes the first window. */
  #windowFrom(opens: Date): Window {
    const closes = opens.getTime() + this.#length
    const again = this.#cron.nextRun(opens)?.getTime() ?? Number.POSITIVE_INFINITY
    return { opens, closes: new Date(Math.min(closes, again)) }
  }
}
