import { setTimeout as delay } from 'node:timers/promises'
import { declare } from '../contract/options.ts'

/** What a replay is timed by. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number
  /** Resolves after so many milliseconds, or when the signal aborts. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>
}

/** Node's timers take no longer waits. */
const LONGEST_WAIT = 2 ** 31 - 1

export const realClock: Clock = {
  now: () => Date.now(),
  async wait(milliseconds, signal) {
    for (let left = milliseconds; left > 0 && !signal.aborted; left -= LONGEST_WAIT) {
      await delay(Math.min(left, LONGEST_WAIT), undefined, { signal }).catch(() => {})
    }
  }
}

/** How many times as fast as it was published; infinite: as fast as it is handled. */
export const speed = declare<number>('speed', { type: ['string', 'number'] }, (given) => {
  const word = String(given).trim().toLowerCase()
  if (word === 'max') return { value: Number.POSITIVE_INFINITY }
  if (word === 'original') return { value: 1 }
  const factor = Number(/^(\d+(?:\.\d+)?)x?$/.exec(word)?.[1])
  return factor > 0 ? { value: factor } : { problem: 'expected original, max, or a factor such as 10x' }
})

/** When each message of a replay may be handed out. */
export class Pace {
  readonly #speed: number
  /** Messages a second. */
  readonly #rate: number | undefined
  readonly #start: number
  #count = 0
  #first: number | undefined

  constructor(speed: number | undefined, rate: number | undefined, clock: Clock) {
    this.#speed = speed ?? Number.POSITIVE_INFINITY
    this.#rate = rate
    this.#start = clock.now()
  }

  /** Unix milliseconds, for the next message; one that was published before the first, or at no known time, is not kept. */
  next(publishedAt: Date | undefined): number {
    const count = this.#count++
    if (this.#rate !== undefined) return this.#start + (count * 1000) / this.#rate
    if (publishedAt === undefined || this.#speed === Number.POSITIVE_INFINITY) return this.#start
    this.#first ??= publishedAt.getTime()
    return this.#start + (publishedAt.getTime() - this.#first) / this.#speed
  }
}
