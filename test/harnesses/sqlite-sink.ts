import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DatabaseSink } from '../../src/sinks/database.ts'
import { type SinkHarness, sinkSetup } from '../contract/sink-bench.ts'
import { sqliteRows, writtenIn } from '../database/rows.ts'

const NONE = { URL: undefined, PASSWORD: undefined, PAYLOAD: 'slim', HISTORY: false } as const

/** A SQLite file that another program can lock. */
export const sqliteSink: SinkHarness = {
  promises: { ordered: true, keepsKey: false, keepsHeaders: false, keepsNull: true, breaks: true, rejects: true },
  async setUp() {
    const folder = await mkdtemp(join(tmpdir(), 'sqlite-sink-'))
    const path = join(folder, 'deep', 'alerts.sqlite')
    let other: DatabaseSync | undefined
    const topic = 'a.topic'
    return {
      topic,
      open: (over) => new DatabaseSink({ ...NONE, PATH: path }, sinkSetup(over)),
      written: (topic) => writtenIn({ rows: async (sql) => sqliteRows(path, sql) }, topic),
      async breakTarget() {
        other = new DatabaseSync(path)
        other.exec('BEGIN IMMEDIATE')
      },
      mendTarget: async () => other?.close(),
      impossible: () => ({ topic, value: { table: 'alerts', row: { alert_id: 'south of the pole', dec: -91 } } }),
      tearDown: () => rm(folder, { recursive: true })
    }
  },
  // A file that is there, and no database.
  unreachable: (over) => new DatabaseSink({ ...NONE, PATH: import.meta.filename }, sinkSetup(over))
}
