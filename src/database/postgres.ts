import { Socket } from 'node:net'
import type { Client } from 'pg'
import { AlertStreamsError } from '../contract/errors.ts'
import type { Rejection } from '../contract/sink.ts'
import type { Database, DatabaseTarget } from './database.ts'
import { migrate } from './migrate.ts'
import type { TypeNames } from './migrations.ts'
import { reasonOfPostgres, remedyOfPostgres, sqlStateOf } from './postgres-errors.ts'
import { type TableName, tableOf } from './tables.ts'
import { onConflict } from './upsert.ts'
import type { Row, Value } from './values.ts'
import { writeMessages } from './write.ts'

/** Milliseconds for connecting, and for the answer to one statement. */
const CONNECT_TIME = 10_000
const STATEMENT_TIME = 120_000
/** Any number; it stands for the migration of these tables in this database. */
const MIGRATION_LOCK = 7_236_551

const types: TypeNames = {
  text: 'TEXT',
  real: 'DOUBLE PRECISION',
  integer: 'BIGINT',
  time: 'TIMESTAMPTZ',
  json: 'JSON',
  bytes: 'BYTEA',
  counter: 'BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
  table: ''
}

/** A PostgreSQL database, over one connection. */
export class PostgresTarget implements DatabaseTarget {
  readonly #url: string
  readonly #password: string | undefined
  readonly #name: string
  #db: Postgres | undefined

  constructor(url: string, password: string | undefined) {
    const given = new URL(url)
    this.#name = `${given.host}${given.pathname}`
    // The client takes what the URL says over what stands beside it.
    if (password !== undefined) given.password = encodeURIComponent(password)
    this.#url = given.href
    this.#password = password
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.#attempt(signal, () => {})
  }

  write(messages: readonly (readonly Row[])[], signal: AbortSignal): Promise<readonly Rejection[]> {
    return this.#attempt(signal, (db) => writeMessages(db, messages))
  }

  async close(): Promise<void> {
    const db = this.#db
    this.#db = undefined
    await db?.end()
  }

  /** On an open connection, one of its own after any failure. */
  async #attempt<Result>(signal: AbortSignal, action: (db: Postgres) => Result | Promise<Result>): Promise<Result> {
    signal.throwIfAborted()
    // What ended while nothing was written is no failure.
    if (this.#db?.socket.destroyed) this.#db = undefined
    const socket = this.#db?.socket ?? new Socket()
    const cut = () => socket.destroy()
    signal.addEventListener('abort', cut)
    try {
      this.#db ??= await open(this.#url, this.#password, socket)
      return await action(this.#db)
    } catch (error) {
      // Ends the transaction too.
      cut()
      this.#db = undefined
      signal.throwIfAborted()
      throw new AlertStreamsError('SINK_UNAVAILABLE', `PostgreSQL at ${this.#name}: ${reasonOfPostgres(error)}`, {
        cause: error,
        remedy: remedyOfPostgres(error)
      })
    } finally {
      signal.removeEventListener('abort', cut)
    }
  }
}

async function open(url: string, password: string | undefined, socket: Socket): Promise<Postgres> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({
    connectionString: url,
    ...(password !== undefined && { password }),
    application_name: 'alertstreams',
    connectionTimeoutMillis: CONNECT_TIME,
    query_timeout: STATEMENT_TIME,
    keepAlive: true,
    stream: () => socket
  })
  // A connection that ends between two writes: the next write opens another.
  client.on('error', () => socket.destroy())
  await client.connect()
  const db = new Postgres(client, socket)
  await migrate(db, types)
  return db
}

class Postgres implements Database {
  readonly socket: Socket
  readonly #client: Client

  constructor(client: Client, socket: Socket) {
    this.#client = client
    this.socket = socket
  }

  async execute(sql: string): Promise<void> {
    await this.#client.query(sql)
  }

  async number(sql: string): Promise<number> {
    const { rows } = await this.#client.query<unknown[]>({ text: sql, rowMode: 'array' })
    return Number(rows[0]?.[0])
  }

  async begin(purpose: 'write' | 'migrate'): Promise<void> {
    await this.#client.query('BEGIN')
    if (purpose === 'migrate') await this.#client.query(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`)
  }

  /** A column goes as one list, so that a statement has few parameters however many rows there are. */
  async upsert(table: TableName, columns: readonly string[], rows: readonly Row[]): Promise<void> {
    const typed = tableOf(table).columns
    const lists = columns.map((column, index) => `$${index + 1}::${types[typed[column]!]}[]`)
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) SELECT * FROM unnest(${lists.join(', ')}) ${onConflict(table, columns)}`
    const values = columns.map((column) => rows.map((row) => sent(row.columns[column] ?? null)))
    await this.#client.query(sql, values)
  }

  isAboutRow(error: unknown): boolean {
    // Data exceptions, violated constraints, and what is too long for an index.
    return /^(22|23|54)/.test(sqlStateOf(error) ?? '')
  }

  async end(): Promise<void> {
    await this.#client.end().catch(() => {})
    this.socket.destroy()
  }
}

function sent(value: Value): string | number | Buffer | null {
  if (typeof value === 'bigint') return String(value)
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value
}
