import type { Room } from '../../src/contract/stream.ts'

/** A real `Room` with nothing around it: what was admitted stays charged until the test releases it. */
export class TestRoom implements Room {
  readonly most: number
  /** Bytes charged now. */
  held = 0
  #waiting: (() => void)[] = []

  constructor(most = 64_000_000) {
    this.most = most
  }

  admit(bytes: number): boolean {
    if (this.held > 0 && this.held + bytes > this.most) return false
    this.held += bytes
    return true
  }

  wait(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  release(bytes: number): void {
    this.held -= bytes
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }
}
