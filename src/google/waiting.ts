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

/** Milliseconds between two questions. */
const AGAIN = 2_000

/** Pub/Sub's client rides out a cut without a word. This asks the source itself, and notes how long it is away. */
export class Reachability {
  readonly #ask: () => Promise<unknown>
  readonly #note: (event: StreamEvent) => void
  #asking = false
  #away = false

  constructor(ask: () => Promise<unknown>, note: (event: StreamEvent) => void) {
    this.#ask = ask
    this.#note = note
  }

  /** The last question was not answered. */
  get away(): boolean {
    return this.#away
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
      await this.#ask()
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
