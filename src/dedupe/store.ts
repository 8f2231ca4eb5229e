import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { Deduper } from '../contract/dedupe.ts'
import { reasonOf } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import type { Route } from '../contract/route.ts'
import { Claims } from './claims.ts'
import { openDatabase, tableOf } from './database.ts'
import { MOST_KEYS, Table } from './table.ts'

/** Milliseconds before a failed transaction is tried again, and the most of them. */
const FIRST_PAUSE = 200
const LONGEST_PAUSE = 5000

interface Entry {
  readonly table: Table
  readonly key: string
  readonly then: () => void
}

/**
 * What the routes of this machine have delivered, in `dedupe.sqlite` in STATE_DIR; opened for the first route that
 * asks. Several processes may share it; of twins that two of them have in hand at the same moment both are delivered.
 */
export class DedupeStore {
  readonly #path: string
  readonly #log: Logger
  readonly #most: number
  #db: DatabaseSync | undefined
  #queue: Entry[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(stateDir: string, log: Logger, most = MOST_KEYS) {
    this.#path = join(stateDir, 'dedupe.sqlite')
    this.#log = log
    this.#most = most
  }

  /** For a route with DEDUPE. Throws `CONFIG_INVALID` when STATE_DIR cannot keep it. */
  of(stream: string, { key: route, dedupe }: Pick<Route, 'key' | 'dedupe'>): Deduper {
    this.#db ??= openDatabase(this.#path, this.#log)
    const { key, window } = dedupe!
    // The expression is part of the name: the values of another one mean other things.
    const windowMs = window * 1000
    const table = new Table(this.#db, tableOf(this.#db, stream, route, key.source, windowMs), windowMs, this.#most)
    return new Claims({
      has: (text) => this.#has(table, text),
      record: (text, then) => this.#record({ table, key: text, then })
    })
  }

  /** Records what is waiting, if that is possible at once, and closes the file. */
  close(): void {
    clearTimeout(this.#timer)
    this.#flush(1)
    clearTimeout(this.#timer)
    this.#db?.close()
    this.#db = undefined
  }

  /** What cannot be looked up goes its way: twice is better than never. */
  #has(table: Table, key: string): boolean {
    try {
      return table.has(key, Date.now())
    } catch (error) {
      this.#log.error({ path: this.#path }, `${this.#path} cannot be read: ${reasonOf(error)}; an alert may come twice`)
      return false
    }
  }

  /** One transaction for all that is recorded before this turn ends: the works of one write of a sink. */
  #record(entry: Entry): void {
    if (this.#queue.push(entry) === 1) queueMicrotask(() => this.#flush(1))
  }

  #flush(attempt: number): void {
    const entries = this.#queue
    if (entries.length === 0 || this.#db === undefined) return
    try {
      commit(this.#db, entries)
    } catch (error) {
      const text = `${this.#path} cannot be written: ${reasonOf(error)}; trying again, nothing is lost`
      if (attempt % 10 === 1) this.#log.warn({ path: this.#path, attempt }, text)
      const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(attempt - 1, 10))
      this.#timer = setTimeout(() => this.#flush(attempt + 1), pause)
      return
    }
    this.#queue = []
    for (const { then } of entries) then()
  }
}

function commit(db: DatabaseSync, entries: readonly Entry[]): void {
  const now = Date.now()
  const recorded = new Map<Table, number>()
  db.exec('BEGIN IMMEDIATE')
  try {
    for (const { table, key } of entries) {
      table.record(key, now)
      recorded.set(table, (recorded.get(table) ?? 0) + 1)
    }
    for (const [table, count] of recorded) table.sweep(count, now)
    db.exec('COMMIT')
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}
