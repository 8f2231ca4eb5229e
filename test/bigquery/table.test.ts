import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readSchemaFile } from '../../src/bigquery/schema-file.ts'
import type { FieldSchema } from '../../src/bigquery/tables.ts'
import { rowReader } from '../../src/bigquery/values.ts'
import { codecOf } from '../../src/codecs/usual.ts'
import { ztfAlerts } from '../../src/generate/index.ts'
import { sourceOf } from '../contract/sink-bench.ts'
import { root } from '../docs/blocks.ts'
import { Workplace } from '../end-to-end/program.ts'
import { BigQueryTables } from '../google/big-query-tables.ts'
import { bigquery, callBigquery } from '../services/bigquery.ts'
import { describeBigquery } from '../setup/services.ts'
import { withoutData } from '../tom/alerts.ts'

type Json = Readonly<Record<string, unknown>>

const BROKER = join(root, 'config/broker')

/** Alerts of files to a table of BigQuery, and what cannot be decoded to another. */
function config(project: string, table: Json = {}) {
  const sink = (options: Json) => ({ NAME: 'BigQuerySink', OPTIONS: { PROJECT: project, ...options } })
  return {
    ALERT_STREAMS: [
      {
        NAME: 'ArchiveAlertStream',
        OPTIONS: { PATH: 'alerts-*.avro', TOPIC_HANDLERS: { '*': { SINKS: 'alerts', DEAD_LETTER: 'letters' } } }
      }
    ],
    SINKS: {
      alerts: sink({ TABLE: 'ztf.alerts', SCHEMA: join(BROKER, 'ztf-alerts.json'), ...table }),
      letters: sink({ TABLE: 'ztf.letters', SCHEMA: join(BROKER, 'dead-letters.json') })
    }
  }
}

/** Files of alerts beside the configuration. */
function packets(count: number): readonly Uint8Array[] {
  return ztfAlerts(7)
    .take(count)
    .map(({ bytes }) => bytes)
    .toArray()
}

function lay(workplace: Workplace, all: readonly Uint8Array[]): void {
  for (const [n, bytes] of all.entries()) writeFileSync(join(workplace.folder, `alerts-${n}.avro`), bytes)
}

describe('a table of its own', () => {
  let google: BigQueryTables
  let env: Readonly<Record<string, string>>
  beforeEach(async () => {
    google = await BigQueryTables.start()
    env = { BIGQUERY_EMULATOR_HOST: google.host }
    return () => google.close()
  })

  const place = (all: readonly Uint8Array[], table: Json = {}) => {
    const workplace = new Workplace(config('me', table))
    lay(workplace, all)
    return workplace
  }

  test('setup makes it once, and the one of a test run beside it, which teardown removes', {
    timeout: 120_000
  }, async () => {
    await using workplace = place([])
    const command = async (...args: readonly string[]) => {
      const program = workplace.start({ args, env })
      return { code: await program.end(), output: program.output }
    }
    expect((await command('setup', '--yes')).output).toContain('made BigQuery table me.ztf.alerts')
    expect(google.names).toEqual(['ztf', 'ztf.alerts', 'ztf.letters'])
    expect((await command('setup', '--yes')).output).toContain('everything that the configuration needs is there')
    expect((await command('setup', '--yes', '--testid', 'mine')).code).toBe(0)
    expect(google.names).toEqual([
      'ztf',
      'ztf.alerts',
      'ztf.letters',
      'ztf_mine',
      'ztf_mine.alerts',
      'ztf_mine.letters'
    ])
    expect((await command('teardown', '--yes', '--testid', 'mine')).code).toBe(0)
    expect(google.names).toEqual(['ztf', 'ztf.alerts', 'ztf.letters'])
  })

  test('what cannot be looked at is said, and the rest is made', { timeout: 120_000 }, async () => {
    const letters = { NAME: 'PubSubSink', OPTIONS: { PROJECT: 'me', TOPIC: 'letters' } }
    const { ALERT_STREAMS, SINKS } = config('me')
    await using workplace = new Workplace({ ALERT_STREAMS, SINKS: { ...SINKS, letters } })
    const program = workplace.start({ args: ['setup', '--yes'], env: { ...env, PUBSUB_EMULATOR_HOST: '127.0.0.1:9' } })
    expect(await program.end()).toBe(1)
    expect(program.output).toContain('projects/me/topics/letters: ')
    expect(google.names).toEqual(['ztf', 'ztf.alerts'])
  })

  test('without SCHEMA it is said what is missing', { timeout: 120_000 }, async () => {
    await using workplace = place([], { SCHEMA: undefined })
    const program = workplace.start({ args: ['setup', '--yes'], env })
    expect(await program.end()).toBe(1)
    expect(program.output).toContain('me.ztf.alerts: nothing says what columns it shall have. Set SCHEMA')
  })

  test('a process that is killed between the rows and the acknowledgement doubles none', {
    timeout: 120_000
  }, async () => {
    await using workplace = place(packets(60))
    const table = google.make('ztf', 'alerts', await readSchemaFile(join(BROKER, 'ztf-alerts.json')))
    google.make('ztf', 'letters', await readSchemaFile(join(BROKER, 'dead-letters.json')))
    google.inserted = () => new Promise(() => {})
    for (let life = 0; life < 2; life++) {
      const killed = workplace.start({ env })
      while (google.requests.length === life) await new Promise((resolve) => setTimeout(resolve, 20))
      await killed.kill()
    }
    expect(table.rows.length).toBeGreaterThan(0)
    google.inserted = async () => {}
    const last = workplace.start({ env })
    expect(await last.end(), last.output).toBe(0)
    const ids = table.rows.map((row) => String(row.candid))
    expect(new Set(ids).size).toBe(60)
    expect(ids).toHaveLength(60)
    expect(workplace.account().sinks.alerts).toMatchObject({ taken: 60, written: 60, rejected: 0 })
  })

  test('a row that is refused is a dead letter with the reason, and the others are in the table', {
    timeout: 120_000
  }, async () => {
    await using workplace = place(packets(20))
    const fields = await readSchemaFile(join(BROKER, 'ztf-alerts.json'))
    const table = google.make('ztf', 'alerts', [...fields, { name: 'site', type: 'STRING' }])
    const letters = google.make('ztf', 'letters', await readSchemaFile(join(BROKER, 'dead-letters.json')))
    const candid = [...ztfAlerts(7).take(5)].at(-1)!.alert.candid
    google.passing.set(String(candid), { reason: 'invalid', count: 9 })
    const program = workplace.start({ env })
    expect(await program.end(), program.output).toBe(0)
    expect(table.rows).toHaveLength(19)
    expect(letters.rows).toEqual([
      expect.objectContaining({ code: 'SINK_REJECTED', reason: expect.stringContaining('ztf.alerts: invalid: later') })
    ])
    expect(workplace.account().balanced).toBe(true)
  })
})

describeBigquery('on the stand-in for BigQuery', () => {
  const project = `p-${randomBytes(6).toString('hex')}`
  let host: string
  let fields: readonly FieldSchema[]
  beforeAll(async () => {
    host = await bigquery()
    fields = await readSchemaFile(join(BROKER, 'ztf-alerts.json'))
  }, 180_000)
  const places: Workplace[] = []
  afterAll(async () => {
    for (const one of places) await one[Symbol.asyncDispose]()
  })

  /** All rows after the program has run over these alerts, by candid. */
  async function rowsOf(all: readonly Uint8Array[], dataset: string): Promise<ReadonlyMap<string, Json>> {
    const workplace = new Workplace(config(project, { TABLE: `${dataset}.alerts` }))
    places.push(workplace)
    lay(workplace, all)
    const env = { BIGQUERY_EMULATOR_HOST: host }
    const made = workplace.start({ args: ['setup', '--yes'], env })
    expect(await made.end(60), made.output).toBe(0)
    const program = workplace.start({ env })
    expect(await program.end(120), program.output).toBe(0)
    const query = { query: `SELECT * FROM \`${project}.${dataset}.alerts\``, useLegacySql: false, maxResults: 1000 }
    const { schema, rows } = await callBigquery(host, `projects/${project}/queries`, query)
    return new Map((rows as readonly unknown[]).map(rowReader(schema)).map((row) => [String(row.candid), row]))
  }

  /** What an alert is in a table: null where it says nothing, an empty list where there is none. */
  function expected(record: Json | null, columns: readonly FieldSchema[]): Json {
    return Object.fromEntries(
      columns.map(({ name, type, mode, fields }) => {
        const value = record?.[name] ?? null
        const one = (item: unknown) => (type === 'RECORD' && item !== null ? expected(item as Json, fields!) : item)
        return [name, mode === 'REPEATED' ? ((value ?? []) as readonly unknown[]).map(one) : one(value)]
      })
    )
  }

  async function expectRows(all: readonly Uint8Array[], dataset: string): Promise<void> {
    const rows = await rowsOf(all, dataset)
    expect(rows.size).toBe(all.length)
    for (const bytes of all) {
      const payload = codecOf('avro').decode(sourceOf({ bytes }).message) as Json
      expect(rows.get(String(payload.candid))).toEqual(expected(payload, fields))
    }
  }

  test('each alert is a row, value for value, without its cut-outs', { timeout: 180_000 }, async () => {
    await expectRows(packets(40), 'night')
  })

  const title = 'real alerts are rows, value for value'
  test.skipIf(withoutData)(
    withoutData ? `${title} (skipped: there is no ../shared/data)` : title,
    { timeout: 180_000 },
    async () => {
      const folder = join(root, '../shared/data/ztf')
      const all = readdirSync(folder).map((name) => readFileSync(join(folder, name)))
      await expectRows(all, 'observed')
    }
  )
})
