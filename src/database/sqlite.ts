import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import type { Rejection } from '../contract/sink.ts'
import type { Database, DatabaseTarget } from './database.ts'
import { migrate } from './migrate.ts'
import type { TypeNames } from './migrations.ts'
import type { TableName } from './tables.ts'
import { onConflict } from './upsert.ts'
import type { Row } from './values.ts'
import { writeMessages } from './write.ts'

/** Milliseconds that a statement waits for another process; the outbox tries again, and nothing else runs meanwhile. */
const PATIENCE = 250

const types: TypeNames = {
  text: 'TEXT',
  real: 'REAL',
  integer: 'INTEGER',
  time: 'TEXT',
  json: 'TEXT',
  bytes: 'BLOB',
  counter: 'INTEGER PRIMARY KEY',
  table: ' STRICT'
}

/** A SQLite file. What was written survives the end of the process and a power failure. */
export class SqliteTarget implements DatabaseTarget {
  readonly #path: string
  #db: Sqlite | undefined

  constructor(path: string) {
    this.#path = path
  }

  async connect(): Promise<void> {
    await this.#attempt(() => this.#open())
  }

  async write(messages: readonly (readonly Row[])[], signal: AbortSignal): Promise<readonly Rejection[]> {
    signal.throwIfAborted()
    return this.#attempt(async () => writeMessages(await this.#open(), messages))
  }

  async close(): Promise<void> {
    this.#db?.close()
    this.#db = undefined
  }

  /** A file that was moved or deleted is opened anew: what goes on in its old place nobody would find. */
  async #open(): Promise<Sqlite> {
    if (this.#db !== undefined && this.#db.inode === inodeOf(this.#path)) return this.#db
    await this.close()
    mkdirSync(dirname(this.#path), { recursive: true })
    this.#db = new Sqlite(this.#path)
    await migrate(this.#db, types)
    return this.#db
  }

  async #attempt<Result>(action: () => Promise<Result>): Promise<Result> {
    try {
      return await action()
    } catch (error) {
      // Ends the transaction too.
      await this.close()
      throw new AlertStreamsError('SINK_UNAVAILABLE', `${this.#path} cannot be written: ${reasonOf(error)}`, {
        cause: error,
        remedy: (error instanceof AlertStreamsError ? error.remedy : undefined) ?? remedyOf(error)
      })
    }
  }
}

class Sqlite implements Database {
  readonly inode: bigint | undefined
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(path: string) {
    // Loaded when it is needed: early versions of Node 24 warn that it is experimental.
    const sqlite = process.getBuiltinModule('node:sqlite')
    this.#db = new sqlite.DatabaseSync(path, { timeout: PATIENCE })
    try {
      this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
      this.inode = inodeOf(path)
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  async execute(sql: string): Promise<void> {
    this.#db.exec(sql)
  }

  async number(sql: string): Promise<number> {
    return Number(Object.values(this.#db.prepare(sql).get() ?? {})[0])
  }

  async begin(): Promise<void> {
    this.#db.exec('BEGIN IMMEDIATE')
  }

  async upsert(table: TableName, columns: readonly string[], rows: readonly Row[]): Promise<void> {
    const marks = columns.map(() => '?').join(', ')
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks}) ${onConflict(table, columns)}`
    const statement = this.#statements.get(sql) ?? this.#db.prepare(sql)
    this.#statements.set(sql, statement)
    for (const row of rows) statement.run(...columns.map((column) => row.columns[column] ?? null))
  }

  isAboutRow(error: unknown): boolean {
    const TOO_BIG = 18
    const CONSTRAINT = 19
    const MISMATCH = 20
    return [TOO_BIG, CONSTRAINT, MISMATCH].includes(codeOf(error))
  }

  close(): void {
    this.#db.close()
  }
}

function codeOf(error: unknown): number {
  return Number((error as { errcode?: unknown }).errcode) & 0xff
}

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino
}

const [BUSY, LOCKED, READONLY, DAMAGED, FULL, NOT_A_DATABASE] = [5, 6, 8, 11, 13, 26]

function remedyOf(error: unknown): string {
  const code = codeOf(error)
  if (code === BUSY || code === LOCKED) return 'Another program writes to it: end its transaction.'
  if (code === FULL) return 'Make room on the disk.'
  if (code === READONLY) return 'Give this user the right to write to the file and its folder.'
  if (code === DAMAGED || code === NOT_A_DATABASE) return 'Move the file away, or name another PATH.'
  return 'Check PATH of the sink and the disk behind it.'
}
