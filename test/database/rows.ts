import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DatabaseSink } from '../../src/sinks/database.ts'
import { PATIENCE } from '../contract/reading.ts'
import { sinkSetup, sourceOf, type Written } from '../contract/sink-bench.ts'
import { PASSWORD, postgres } from '../services/postgres.ts'

/** What the tests write to, and how another program reads it. */
export interface TestDatabase {
  readonly options: { readonly PATH?: string; readonly URL?: string; readonly PASSWORD?: string }
  rows(sql: string): Promise<readonly Record<string, unknown>[]>
}

/** Rows of a SQLite file; integers beyond the safe ones as bigint. */
export function sqliteRows(path: string, sql: string): readonly Record<string, unknown>[] {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    return db.prepare(sql).all()
  } finally {
    db.close()
  }
}

/** The alerts of a topic in the order of their writing, for the contract of a sink. */
export async function writtenIn({ rows }: Pick<TestDatabase, 'rows'>, topic: string): Promise<readonly Written[]> {
  const found = await rows(
    `SELECT CAST(payload AS TEXT) AS payload, bytes FROM alerts WHERE topic = '${topic}' ORDER BY number`
  )
  return found.map(({ payload, bytes }) => ({
    key: null,
    headers: [],
    bytes: typeof payload === 'string' ? Buffer.from(payload) : (bytes as Uint8Array | null)
  }))
}

/** Where a suite writes: a new database for each call. */
export interface Kind {
  readonly name: string
  create(folder: string): Promise<TestDatabase>
}

export const sqlite: Kind = {
  name: 'SQLite',
  async create(folder) {
    const path = join(folder, 'alerts.sqlite')
    return { options: { PATH: path }, rows: async (sql) => sqliteRows(path, sql) }
  }
}

/** Numbers and times come as SQLite has them. */
export const postgresql: Kind = {
  name: 'PostgreSQL',
  async create() {
    const server = await postgres()
    const url = await server.create()
    return { options: { URL: url, PASSWORD }, rows: (sql) => server.query(url, sql) }
  }
}

export function openSink(
  { options }: TestDatabase,
  more: { readonly PAYLOAD?: 'slim' | 'whole' | 'none'; readonly HISTORY?: boolean } = {}
) {
  const all = {
    PATH: undefined,
    URL: undefined,
    PASSWORD: undefined,
    PAYLOAD: 'slim' as const,
    HISTORY: false,
    ...options,
    ...more
  }
  return new DatabaseSink(all, sinkSetup())
}

/** Writes messages as the outbox does, and gives the rejected. */
export function writeTo(sink: DatabaseSink, values: readonly unknown[], source = () => sourceOf()) {
  const batch = values.map((value) => sink.place({ value }, source()))
  return sink.write(batch, AbortSignal.timeout(PATIENCE))
}
