import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { describePostgres, postgres } from '../services/postgres.ts'
import { postgresql, sqlite, type TestDatabase } from './rows.ts'

const folder = mkdtempSync(join(tmpdir(), 'database-killed-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A process that writes, and how far it has come. */
class Writer {
  readonly process: ChildProcess
  readonly ended: Promise<unknown>
  safe: number
  #errors = ''

  constructor({ options }: TestDatabase, first: number, last: number) {
    const script = join(import.meta.dirname, 'writer.ts')
    this.safe = first
    this.process = spawn(process.execPath, [script, JSON.stringify(options), String(first), String(last)])
    this.process.stdout!.on('data', (data) => {
      const whole = String(data).split('\n').filter(Boolean)
      this.safe = Number(whole.at(-1))
    })
    this.process.stderr!.on('data', (data) => (this.#errors += data))
    this.ended = once(this.process, 'close')
  }

  async succeeded(): Promise<void> {
    await this.ended
    expect(this.process.exitCode, this.#errors).toBe(0)
  }
}

/** Each of the numbers up to there is once in each table that has a row an alert. */
async function expectAll(db: TestDatabase, count: number, more: 'no more' | 'or more'): Promise<void> {
  // In one statement: a server may still be at the last write of a client that is gone.
  const [all] = await db.rows(`SELECT
    (SELECT count(*) FROM alerts) AS alerts, (SELECT count(DISTINCT alert_id) FROM alerts) AS ids,
    (SELECT count(*) FROM photometry) AS measurements, (SELECT count(DISTINCT alert_id) FROM photometry) AS measured,
    (SELECT count(*) FROM targets) AS targets`)
  const [alerts, ids, measurements, measured, targets] = Object.values(all!).map(Number)
  expect([ids, measurements, measured, targets]).toEqual([alerts, alerts, alerts, 10])
  if (more === 'no more') expect(alerts).toBe(count)
  else expect(alerts).toBeGreaterThanOrEqual(count)
  const end = 2_982_177_112_815_000_000n + BigInt(count)
  const [safe] = await db.rows(`SELECT count(*) AS n FROM alerts WHERE CAST(alert_id AS BIGINT) < ${end}`)
  expect(Number(safe!.n)).toBe(count)
}

for (const [kind, describeKind] of [
  [sqlite, describe],
  [postgresql, describePostgres]
] as const) {
  describeKind(`${kind.name}, written by processes`, () => {
    test('a writer that is killed has lost nothing it has answered for, and the next one doubles nothing', {
      timeout: 120_000
    }, async () => {
      const db = await kind.create(join(folder, 'killed'))
      let safe = 0
      for (let life = 0; life < 4; life++) {
        const writer = new Writer(db, safe, 1_000_000)
        for (const start = safe; writer.safe < start + 300; ) await sleep(5)
        await sleep(Math.random() * 30)
        writer.process.kill('SIGKILL')
        await writer.ended
        safe = writer.safe
        await expectAll(db, safe, 'or more')
      }
      await new Writer(db, safe, safe + 1000).succeeded()
      await expectAll(db, safe + 1000, 'no more')
    })

    test('several that start at once make the tables once, and write the same objects', {
      timeout: 120_000
    }, async () => {
      const db = await kind.create(join(folder, 'several'))
      const writers = [0, 1, 2, 3].map((number) => new Writer(db, number * 500, (number + 1) * 500))
      for (const writer of writers) await writer.succeeded()
      await expectAll(db, 2000, 'no more')
      expect((await db.rows('SELECT version FROM schema_version')).map(({ version }) => Number(version))).toEqual([1])
    })

    if (kind === postgresql) {
      test('a server that is killed in mid-write loses nothing and doubles nothing', { timeout: 120_000 }, async () => {
        const db = await kind.create(folder)
        const server = await postgres()
        const writer = new Writer(db, 0, 3000)
        for (let kill = 1; kill <= 4; kill++) {
          while (writer.safe < kill * 500) await sleep(2)
          await sleep(Math.random() * 20)
          await server.kill()
          await server.restart()
        }
        await writer.succeeded()
        await expectAll(db, 3000, 'no more')
      })
    }
  })
}
