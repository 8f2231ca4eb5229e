import type { Room } from '../contract/stream.ts'

/**
 * One byte budget for the process over everything taken and not settled. Half of it is divided among the streams, each
 * part for its stream alone; the other half is for whoever asks first. So one slow stream cannot starve the others.
 */
export class Budget {
  readonly total: number
  readonly #reserved: number
  readonly #common: number
  #commonUsed = 0
  #waiting: (() => void)[] = []

  constructor(total: number, streams: number) {
    this.total = total
    this.#reserved = streams <= 1 ? total : Math.floor(total / 2 / streams)
    this.#common = streams <= 1 ? 0 : Math.floor(total / 2)
  }

  /** The share of one more stream. */
  share(): Share {
    return new Share(this)
  }

  get most(): number {
    return this.#reserved + this.#common
  }

  /** Bytes that `used` takes from the common half. */
  #beyond(used: number): number {
    return Math.max(0, used - this.#reserved)
  }

  /** What was taken without asking may have used up the common half; a stream's own part is left to it even then. */
  fits(used: number, bytes: number): boolean {
    const more = this.#beyond(used + bytes) - this.#beyond(used)
    return more === 0 || this.#commonUsed + more <= this.#common
  }

  change(from: number, to: number): void {
    this.#commonUsed += this.#beyond(to) - this.#beyond(from)
    if (to >= from) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }

  /** Resolves at the next release of anybody, or when the signal aborts. */
  released(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const wake = () => {
        signal.removeEventListener('abort', wake)
        resolve()
      }
      signal.addEventListener('abort', wake, { once: true })
      this.#waiting.push(wake)
    })
  }
}

/** What one stream holds of the budget. */
export class Share implements Room {
  readonly #budget: Budget
  #used = 0

  constructor(budget: Budget) {
    this.#budget = budget
  }

  get most(): number {
    return this.#budget.most
  }

  get used(): number {
    return this.#used
  }

  admit(bytes: number): boolean {
    if (this.#used > 0 && !this.#budget.fits(this.#used, bytes)) return false
    this.charge(bytes)
    return true
  }

  wait(signal: AbortSignal): Promise<void> {
    return this.#budget.released(signal)
  }

  /** Takes without asking: copies that a handler made, dead letters. */
  charge(bytes: number): void {
    this.#budget.change(this.#used, this.#used + bytes)
    this.#used += bytes
  }

  release(bytes: number): void {
    const left = this.#used - bytes
    const before = this.#used
    this.#used = left
    this.#budget.change(before, left)
  }
}
