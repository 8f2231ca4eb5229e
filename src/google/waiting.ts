import { setTimeout as pause } from 'node:timers/promises'
import { reasonOf } from '../contract/errors.ts'
import type { StreamEvent } from '../contract/stream.ts'

/** The outcome of the work, or the signal's reason as soon as that aborts. */
export function before<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason)
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}

/** Whether the work ends well in so many milliseconds. */
export function within(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  return before(AbortSignal.timeout(milliseconds), work).then(
    () => true,
    () => false
  )
}

/** Milliseconds to wait after so many failures in a row. */
export function backoffOf(failures: number): number {
  return Math.min(15_000, 250 * 2 ** failures) * (0.75 + Math.random() / 2)
}

/** Milliseconds between two questions. */
const AGAIN = 2_000

/** Pub/Sub's client rides out a cut without a word. This asks the source itself, and notes how long it is away. */
export class Reachability {
  readonly #ask: (signal: AbortSignal) => Promise<unknown>
  readonly #note: (event: StreamEvent) => void
  #asking = false
  #away = false

  /** `ask` puts any question to the source; it rejects when there is no answer. */
  constructor(ask: (signal: AbortSignal) => Promise<unknown>, note: (event: StreamEvent) => void) {
    this.#ask = ask
    this.#note = note
  }

  /** A connection was cut, and the source has not answered since. */
  get doubtful(): boolean {
    return this.#asking
  }

  /** A connection was cut: asks until there is an answer. */
  async doubt(signal: AbortSignal): Promise<void> {
    if (this.#asking) return
    this.#asking = true
    while (!signal.aborted && !(await this.#answers(signal))) {
      await pause(AGAIN, undefined, { signal }).catch(() => {})
    }
    this.#asking = false
  }

  async #answers(signal: AbortSignal): Promise<boolean> {
    try {
      await this.#ask(signal)
      if (this.#away) this.#note({ kind: 'reading' })
      this.#away = false
      return true
    } catch (error) {
      if (!this.#away && !signal.aborted) this.#note({ kind: 'waiting', reason: reasonOf(error) })
      this.#away = true
      return false
    }
  }
}
