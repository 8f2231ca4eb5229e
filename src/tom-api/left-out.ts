import type { Logger } from '../contract/log.ts'

/** Milliseconds between two lines of the log. */
const EVERY = 60_000

/** Counts what a TOM has no target for, and says so now and then. */
export class LeftOut {
  readonly #log: Logger
  readonly #why: (objects: string) => string
  #rows = 0
  #names = new Set<string>()
  #nextAt = 0

  /** `why` is told the object, or how many they are and one of them. */
  constructor(log: Logger, why: (objects: string) => string) {
    this.#log = log
    this.#why = why
  }

  count(name: string): void {
    this.#rows++
    this.#names.add(name)
    if (Date.now() >= this.#nextAt) this.say()
  }

  say(): void {
    if (this.#rows === 0) return
    const [first = ''] = this.#names
    const objects = this.#names.size === 1 ? first : `${this.#names.size} objects (${first}, ...)`
    const rows = this.#rows === 1 ? '1 row is' : `${this.#rows} rows are`
    this.#log.info({ rows: this.#rows, objects: this.#names.size }, `${rows} left out: ${this.#why(objects)}`)
    this.#rows = 0
    this.#names.clear()
    this.#nextAt = Date.now() + EVERY
  }
}
