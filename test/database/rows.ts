import { DatabaseSync } from 'node:sqlite'
import type { Written } from '../contract/sink-bench.ts'

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
