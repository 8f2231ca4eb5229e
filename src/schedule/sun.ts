import { type AstroTime, Body, Observer, SearchAltitude, SearchRiseSet } from 'astronomy-engine'
import type { Schedule, Window } from '../contract/schedule.ts'
import type { Site } from './sites.ts'

/** Days. Where the sun sets and rises once a year, each comes within so many. */
const YEAR = 370
const SECOND = 1000
const MINUTE = 60 * SECOND

/**
 * Opens in the evening when the sun's centre sinks below an altitude (degrees, without refraction), and closes when its
 * upper limb rises over the horizon (with refraction). Where the sun does not sink so low it stays closed, and where it
 * does not rise it stays open, for months if need be.
 */
export class SunSchedule implements Schedule {
  readonly #below: number
  readonly #observer: Observer

  /** `below`: degrees, negative. */
  constructor(below: number, { latitude, longitude, elevation }: Site) {
    this.#below = below
    this.#observer = new Observer(latitude, longitude, elevation)
  }

  next(after: Date): Window | undefined {
    let from = this.#sunrise(after, -YEAR) ?? new Date(after.getTime() - YEAR * 24 * 60 * MINUTE)
    for (;;) {
      const opens = dateOf(SearchAltitude(Body.Sun, this.#observer, -1, from, 2 * YEAR, this.#below))
      const closes = opens && this.#sunrise(opens, YEAR)
      if (opens === undefined || closes === undefined) return undefined
      // A sunrise that is found again may come a tenth of a second later.
      if (closes.getTime() > after.getTime() + SECOND) return { opens, closes }
      from = new Date(closes.getTime() + MINUTE)
    }
  }

  #sunrise(from: Date, days: number): Date | undefined {
    return dateOf(SearchRiseSet(Body.Sun, this.#observer, +1, from, days))
  }
}

function dateOf(time: AstroTime | null): Date | undefined {
  return time?.date
}
