import { hash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'

/** Milliseconds that a statement waits for another process of the same sink. */
const PATIENCE = 1000

/** The keys that were sent not long ago, in a file of their own; several processes may share it. */
export class SentKeys {
  readonly #path: string
  readonly #windowMs: number
  #db: DatabaseSync | undefined

  /** `window`: seconds for which a key counts as sent. */
  constructor(path: string, window: number) {
    this.#path = path
    this.#windowMs = window * 1000
  }

  has(key: string): boolean {
    const since = Date.now() - this.#windowMs
    return this.#use(
      (db) => db.prepare('SELECT 1 FROM sent WHERE key = ? AND at > ?').get(name(key), since) !== undefined
    )
  }

  record(keys: readonly string[]): void {
    if (keys.length === 0) return
    const now = Date.now()
    this.#use((db) => {
      const insert = db.prepare('INSERT OR REPLACE INTO sent (key, at) VALUES (?, ?)')
      db.exec('BEGIN IMMEDIATE')
      for (const key of keys) insert.run(name(key), now)
      db.prepare('DELETE FROM sent WHERE at <= ?').run(now - this.#windowMs)
      db.exec('COMMIT')
    })
  }

  close(): void {
    this.#db?.close()
    this.#db = undefined
  }

  #use<Result>(action: (db: DatabaseSync) => Result): Result {
    try {
      this.#db ??= open(this.#path)
      return action(this.#db)
    } catch (error) {
      this.close()
      throw new AlertStreamsError('SINK_UNAVAILABLE', `${this.#path}, which ONCE needs: ${reasonOf(error)}`, {
        cause: error,
        remedy: 'Check STATE_DIR and the disk behind it.'
      })
    }
  }
}

function open(path: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true })
  const sqlite = process.getBuiltinModule('node:sqlite')
  const db = new sqlite.DatabaseSync(path, { timeout: PATIENCE })
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
  db.exec('CREATE TABLE IF NOT EXISTS sent (key TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT')
  return db
}

/** Keys may be long, and bytes. */
function name(key: string): string {
  return key.length <= 100 ? key : `sha256:${hash('sha256', key)}`
}
