import type { Claim, Deduper } from '../contract/dedupe.ts'
import { keyText } from './key.ts'

/** The delivered keys of a route. */
export interface Delivered {
  has(key: string): boolean
  /** Calls `then` once the key is safe. */
  record(key: string, then: () => void): void
}

/** Who is at work on which key of a route, in this process. */
export class Claims implements Deduper {
  readonly #delivered: Delivered
  readonly #pending = new Map<string, Pending>()

  constructor(delivered: Delivered) {
    this.#delivered = delivered
  }

  claim(value: unknown): Claim | 'delivered' | Promise<void> | undefined {
    const key = keyText(value)
    if (key === undefined) return undefined
    const first = this.#pending.get(key)
    if (first !== undefined) return first.end()
    if (this.#delivered.has(key)) return 'delivered'
    const pending = new Pending(key, this.#delivered, this.#pending)
    this.#pending.set(key, pending)
    return pending
  }
}

class Pending implements Claim {
  readonly #key: string
  readonly #delivered: Delivered
  readonly #pending: Map<string, Pending>
  #recording = false
  #waiting: PromiseWithResolvers<void> | undefined

  constructor(key: string, delivered: Delivered, pending: Map<string, Pending>) {
    this.#key = key
    this.#delivered = delivered
    this.#pending = pending
  }

  /** Resolves when its fate is known. */
  end(): Promise<void> {
    this.#waiting ??= Promise.withResolvers()
    return this.#waiting.promise
  }

  record(then: () => void): void {
    this.#recording = true
    this.#delivered.record(this.#key, () => {
      this.#settle()
      then()
    })
  }

  release(): void {
    if (!this.#recording) this.#settle()
  }

  #settle(): void {
    // What was released may be recorded all the same; then the key can be another's.
    if (this.#pending.get(this.#key) === this) this.#pending.delete(this.#key)
    this.#waiting?.resolve()
  }
}
