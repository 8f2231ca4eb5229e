import { execFile } from 'node:child_process'
import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, expect, test } from 'vitest'
import { DatabaseSink } from '../../src/sinks/database.ts'
import { PATIENCE } from '../contract/reading.ts'
import { expectNone } from '../contract/secrets.ts'
import { sourceOf } from '../contract/sink-bench.ts'
import { openSink, postgresql, sqlite, sqliteRows, writeTo } from '../database/rows.ts'
import { describePostgres, PASSWORD } from '../services/postgres.ts'

const folder = mkdtempSync(join(tmpdir(), 'database-faults-'))
afterAll(() => rmSync(folder, { recursive: true }))
const signal = () => AbortSignal.timeout(PATIENCE)

test('a file that was moved away is left there whole, and a new one is made', async () => {
  const db = await sqlite.create(join(folder, 'moved'))
  const path = join(folder, 'moved', 'alerts.sqlite')
  const sink = openSink(db)
  await sink.connect(signal())
  await writeTo(sink, [{ id: 'first' }])
  for (const part of ['', '-wal', '-shm']) renameSync(`${path}${part}`, `${path}.old${part}`)
  await writeTo(sink, [{ id: 'second' }])
  await sink.close()
  expect(sqliteRows(`${path}.old`, 'SELECT alert_id FROM alerts')).toEqual([{ alert_id: 'first' }])
  expect(await db.rows('SELECT alert_id FROM alerts')).toEqual([{ alert_id: 'second' }])
})

// A real limit: the kernel refuses what goes beyond it.
test.skipIf(process.platform === 'win32')('a full disk is the fault of the target, and loses nothing', async () => {
  const path = join(folder, 'full.sqlite')
  const script = join(import.meta.dirname, 'database-full-disk.ts')
  const { stdout } = await promisify(execFile)('bash', [
    '-c',
    'ulimit -f 400; exec "$0" "$1" "$2"',
    process.execPath,
    script,
    path
  ])
  expect(JSON.parse(stdout)).toEqual(['SINK_UNAVAILABLE', 'SINK_UNAVAILABLE', 'small is written'])
  expect(sqliteRows(path, 'SELECT alert_id FROM alerts ORDER BY number')).toEqual([
    { alert_id: 'a' },
    { alert_id: 'c' }
  ])
})

test('options that do not go together are refused without a word of the URL', () => {
  const none = { PATH: undefined, URL: undefined, PASSWORD: undefined, PAYLOAD: 'slim', HISTORY: false } as const
  const problem = (options: Partial<Parameters<typeof DatabaseSink.writes>[0]>) => {
    try {
      DatabaseSink.writes({ ...none, ...options })
      return undefined
    } catch (error) {
      expectNone([PASSWORD], error)
      return String(error)
    }
  }
  expect(problem({})).toBeUndefined()
  expect(problem({ URL: `postgres://me:${PASSWORD}@host/db` })).toBeUndefined()
  expect(problem({ PATH: 'x', URL: `postgres://me:${PASSWORD}@host/db` })).toContain('PATH and URL are both given')
  expect(problem({ URL: `mysql://me:${PASSWORD}@host/db` })).toContain('not the address of a PostgreSQL database')
  expect(problem({ PASSWORD })).toContain('without URL')
})

describePostgres('PostgreSQL', () => {
  test('a connection that was ended between two writes is opened again', { timeout: 3 * PATIENCE }, async () => {
    const db = await postgresql.create(folder)
    const sink = openSink(db)
    await sink.connect(signal())
    await writeTo(sink, [{ id: 'first' }])
    const ours = "application_name = 'alertstreams' AND datname = current_database()"
    const ended = await db.rows(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${ours}`)
    expect(ended.length).toBe(1)
    await sleep(500)
    await writeTo(sink, [{ id: 'second' }])
    await sink.close()
    expect(await db.rows('SELECT alert_id FROM alerts ORDER BY number')).toEqual([
      { alert_id: 'first' },
      { alert_id: 'second' }
    ])
  })

  test('a write that waits for a lock is given up when it is aborted, and leaves nothing', {
    timeout: 3 * PATIENCE
  }, async () => {
    const db = await postgresql.create(folder)
    const sink = openSink(db)
    await sink.connect(signal())
    const other = new pg.Client({ connectionString: db.options.URL!.replace('@', `:${PASSWORD}@`) })
    await other.connect()
    await other.query('BEGIN; LOCK TABLE targets')
    const batch = [sink.place({ value: { id: 'x', object_id: 'o', ra: 1, dec: 1 } }, sourceOf())]
    const start = Date.now()
    await expect(sink.write(batch, AbortSignal.timeout(300))).rejects.toThrow()
    expect(Date.now() - start).toBeLessThan(5000)
    await other.query('ROLLBACK')
    await other.end()
    expect(await db.rows('SELECT alert_id FROM alerts')).toEqual([])
    expect(await sink.write(batch, signal())).toEqual([])
    await sink.close()
    expect(await db.rows('SELECT alert_id FROM alerts')).toEqual([{ alert_id: 'x' }])
  })

  test('refuses a wrong password and a database that is not there: the error says what to do', {
    timeout: 3 * PATIENCE
  }, async () => {
    const { options } = await postgresql.create(folder)
    const WRONG = 'canary-of-the-wrong-password'
    const refusal = async (URL: string, PASSWORD: string) => {
      const sink = openSink({ options: { URL, PASSWORD }, rows: async () => [] })
      const error = await sink.connect(signal()).catch((thrown: unknown) => thrown)
      await sink.close()
      expectNone([PASSWORD], error)
      return error
    }
    const remedy = (text: string) => ({ code: 'SINK_UNAVAILABLE', remedy: expect.stringContaining(text) })
    expect(await refusal(options.URL!, WRONG)).toMatchObject(remedy('PASSWORD'))
    expect(await refusal(options.URL!.replace(/\w+$/, 'nowhere'), PASSWORD)).toMatchObject(
      remedy('Create the database')
    )
  })
})
