import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'

/** SQLite's codes for a file that is damaged, or no database. */
const DAMAGED = [11, 26]
/** Milliseconds that a statement waits for another process, when the file is opened and later, when alerts wait too. */
const PATIENCE_AT_START = 10_000
const PATIENCE = 250

/**
 * The database at a path, made when it is not there. What it has committed survives the end of this process in any
 * way; a power failure may forget the last seconds, which costs a duplicate. One that is damaged is put aside.
 */
export function openDatabase(path: string, log: Logger): DatabaseSync {
  try {
    mkdirSync(dirname(path), { recursive: true })
    return open(path)
  } catch (error) {
    const damaged = DAMAGED.includes(Number((error as { errcode?: unknown }).errcode) & 0xff)
    if (!damaged) throw unusable(path, error)
    const aside = `${path}.damaged-${new Date().toISOString().replace(/[-:.]/g, '')}`
    renameSync(path, aside)
    for (const part of ['-wal', '-shm']) rmSync(`${path}${part}`, { force: true })
    log.error(
      { path, aside },
      `${path} is damaged (${reasonOf(error)}) and now in ${aside}: alerts may be delivered twice`
    )
    return open(path)
  }
}

function open(path: string): DatabaseSync {
  // Loaded when it is needed: early versions of Node 24 warn that it is experimental.
  const sqlite = process.getBuiltinModule('node:sqlite')
  const db = new sqlite.DatabaseSync(path, { timeout: PATIENCE_AT_START })
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    db.exec(`CREATE TABLE IF NOT EXISTS routes (
      number INTEGER PRIMARY KEY, stream TEXT NOT NULL, route TEXT NOT NULL, key TEXT NOT NULL, window_ms INTEGER NOT NULL,
      UNIQUE (stream, route, key))`)
    emptyExpired(db)
    db.exec(`PRAGMA busy_timeout = ${PATIENCE}`)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** A route that is no longer configured records nothing, and so would keep its last keys for ever. */
function emptyExpired(db: DatabaseSync): void {
  for (const { number, window_ms } of db.prepare('SELECT number, window_ms FROM routes').all()) {
    const newest = db.prepare(`SELECT at FROM ${tableName(Number(number))} ORDER BY id DESC LIMIT 1`).get()
    const expired = Date.now() - Number(window_ms)
    if (newest && Number(newest.at) <= expired) db.exec(`DELETE FROM ${tableName(Number(number))}`)
  }
}

/** The table of a route, made when it is not there. */
export function tableOf(db: DatabaseSync, stream: string, route: string, key: string, windowMs: number): string {
  db.exec('BEGIN IMMEDIATE')
  try {
    const named = db.prepare(
      `INSERT INTO routes (stream, route, key, window_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET window_ms = excluded.window_ms RETURNING number`
    )
    const name = tableName(Number(named.get(stream, route, key, Math.ceil(windowMs))!.number))
    db.exec(
      `CREATE TABLE IF NOT EXISTS ${name} (id INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL, at INTEGER NOT NULL)`
    )
    db.exec('COMMIT')
    return name
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

function tableName(number: number): string {
  return `delivered_${number}`
}

function unusable(path: string, error: unknown): AlertStreamsError {
  return new AlertStreamsError('CONFIG_INVALID', `DEDUPE cannot keep ${path}: ${reasonOf(error)}`, {
    cause: error,
    remedy: 'Check STATE_DIR and the disk behind it.'
  })
}
