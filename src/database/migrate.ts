import { AlertStreamsError } from '../contract/errors.ts'
import type { Database } from './database.ts'
import { migrations, type TypeNames } from './migrations.ts'

/** Brings the tables to the newest version, whoever else starts at the same time. Throws for one that is newer yet. */
export async function migrate(db: Database, types: TypeNames): Promise<void> {
  await db.begin('migrate')
  await db.execute(
    `CREATE TABLE IF NOT EXISTS schema_version (version ${types.integer} NOT NULL, applied_at ${types.text} NOT NULL)`
  )
  const version = await db.number('SELECT COALESCE(MAX(version), 0) FROM schema_version')
  if (version > migrations.length) {
    throw new AlertStreamsError(
      'SINK_UNAVAILABLE',
      `its tables are of version ${version}, made by a newer alertstreams`,
      {
        remedy: 'Run that version, or name another database.'
      }
    )
  }
  for (const [index, statements] of migrations.entries()) {
    if (index < version) continue
    for (const statement of statements(types)) await db.execute(statement)
    await db.execute(`INSERT INTO schema_version VALUES (${index + 1}, '${new Date().toISOString()}')`)
  }
  await db.execute('COMMIT')
}
