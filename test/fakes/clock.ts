import type { Clock } from '../../src/contract/schedule.ts'

interface Sleeper {
  readonly time: number
  readonly wake: () => void
}

/** A clock that stands still until it is told to go on. */
export class SimulatedClock implements Clock {
  readonly #sleepers = new Set<Sleeper>()
  #now: number

  constructor(start: string) {
    this.#now = Date.parse(start)
  }

  now(): number {
    return this.#now
  }

  sleepUntil(time: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted || time <= this.#now) return resolve()
      const sleeper = { time, wake: () => {} }
      sleeper.wake = () => {
        this.#sleepers.delete(sleeper)
        signal.removeEventListener('abort', sleeper.wake)
        resolve()
      }
      signal.addEventListener('abort', sleeper.wake, { once: true })
      this.#sleepers.add(sleeper)
    })
  }

  /** It is that time at once: whoever sleeps until then or earlier wakes, and everybody where it is put back. */
  jump(time: string | number): void {
    const before = this.#now
    this.#now = typeof time === 'string' ? Date.parse(time) : time
    for (const sleeper of this.#sleepers) if (sleeper.time <= this.#now || this.#now < before) sleeper.wake()
  }
}
