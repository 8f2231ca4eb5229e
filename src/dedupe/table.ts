import type { DatabaseSync } from 'node:sqlite'

/** The most keys of one route; beyond it the oldest go first. */
export const MOST_KEYS = 1_000_000
/** Rows that are looked at for removal at each recording, beside as many as were recorded. */
const SWEEP = 100

/** The delivered keys of one route, in the order of their recording. Times are milliseconds since 1970. */
export class Table {
  readonly #find
  readonly #insert
  readonly #remove
  readonly #windowMs: number
  readonly #most: number

  constructor(db: DatabaseSync, name: string, windowMs: number, most: number) {
    this.#find = db.prepare(`SELECT 1 FROM ${name} WHERE key = ? AND at > ?`)
    // A key that is recorded again moves to the end, so that the oldest have the lowest ids.
    this.#insert = db.prepare(`INSERT OR REPLACE INTO ${name} (key, at) VALUES (?, ?)`)
    this.#remove = db.prepare(
      `DELETE FROM ${name} WHERE id IN (SELECT id FROM ${name} ORDER BY id LIMIT ?)
       AND (at <= ? OR id <= (SELECT max(id) FROM ${name}) - ?)`
    )
    this.#windowMs = windowMs
    this.#most = most
  }

  has(key: string, now: number): boolean {
    return this.#find.get(key, now - this.#windowMs) !== undefined
  }

  record(key: string, now: number): void {
    this.#insert.run(key, now)
  }

  /** Removes some of what is too old or too much: more than `recorded`, so that nothing gathers. */
  sweep(recorded: number, now: number): void {
    this.#remove.run(2 * recorded + SWEEP, now - this.#windowMs, this.#most)
  }
}
