import { setTimeout as sleep } from 'node:timers/promises'

/** Nobody is held off longer, whatever the server asks for: seconds. */
const LONGEST = 3600

/** Keeps requests apart, and waits where the server has asked for it. */
export class Pace {
  /** Milliseconds between two requests. */
  readonly #gap: number
  #next = 0

  /** `rate`: requests a second; undefined: as fast as the answers come. */
  constructor(rate: number | undefined) {
    this.#gap = rate === undefined ? 0 : 1000 / rate
  }

  /** Resolves when it is one's turn; rejects when the signal aborts. */
  async turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    for (let now = Date.now(); now < this.#next; now = Date.now()) await sleep(this.#next - now, undefined, { signal })
    this.#next = Date.now() + this.#gap
  }

  /** Nothing goes out for so many seconds. */
  holdOff(seconds: number): void {
    this.#next = Math.max(this.#next, Date.now() + Math.min(seconds, LONGEST) * 1000)
  }
}
