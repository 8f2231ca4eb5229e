import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fieldsOfAvro } from '../../src/bigquery/avro-schema.ts'
import { columnsOf } from '../../src/bigquery/columns.ts'
import { RowShape } from '../../src/bigquery/row-shape.ts'
import { readSchemaFile } from '../../src/bigquery/schema-file.ts'
import { lsstSchemas } from '../../src/codecs/confluent/lsst-schemas.ts'
import { codecOf } from '../../src/codecs/usual.ts'
import { ztfAlerts } from '../../src/generate/index.ts'
import { sourceOf } from '../contract/sink-bench.ts'
import { root } from '../docs/blocks.ts'
import { realZtf, withoutData } from '../tom/alerts.ts'

const file = (name: string) => readSchemaFile(join(root, 'config', name))

/** The paths of what the table of the broker has no column for. */
async function unknownOf(payload: unknown): Promise<readonly string[]> {
  const shape = new RowShape(columnsOf({ fields: await file('broker/ztf-alerts.json') }))
  const unknown: string[] = []
  shape.fit(payload as Readonly<Record<string, unknown>>, (path) => unknown.push(path))
  return unknown
}

test('a schema of everything that Avro has', () => {
  const inner = { type: 'record', name: 'inner', fields: [{ name: 'jd', type: 'double' }] }
  const field = (name: string, type: unknown) => ({ name, type })
  const schema = {
    type: 'record',
    name: 'alert',
    fields: [
      field('id', 'long'),
      field('name', ['null', 'string']),
      field('sign', { type: 'enum', name: 'sign', symbols: ['t', 'f'] }),
      field('candidate', inner),
      field('previous', ['null', { type: 'array', items: 'inner' }]),
      field('fluxes', { type: 'array', items: ['null', 'float'] }),
      field('grid', { type: 'array', items: { type: 'array', items: 'int' } }),
      field('notes', { type: 'map', values: 'string' }),
      field('either', ['null', 'int', 'string']),
      field('good', ['boolean', 'null']),
      field('stamp', ['null', 'bytes']),
      field('stamps', { type: 'array', items: 'bytes' }),
      field('cutout', {
        type: 'record',
        name: 'cutout',
        fields: [field('fileName', 'string'), field('stampData', 'bytes')]
      }),
      field('parent', ['null', 'alert'])
    ]
  }
  expect(fieldsOfAvro(schema)).toEqual([
    { name: 'id', type: 'INTEGER', mode: 'REQUIRED' },
    { name: 'name', type: 'STRING' },
    { name: 'sign', type: 'STRING', mode: 'REQUIRED' },
    { name: 'candidate', type: 'RECORD', fields: [{ name: 'jd', type: 'FLOAT' }] },
    { name: 'previous', type: 'RECORD', mode: 'REPEATED', fields: [{ name: 'jd', type: 'FLOAT' }] },
    { name: 'fluxes', type: 'FLOAT', mode: 'REPEATED' },
    { name: 'grid', type: 'JSON', mode: 'REQUIRED' },
    { name: 'notes', type: 'JSON', mode: 'REQUIRED' },
    { name: 'either', type: 'JSON' },
    { name: 'good', type: 'BOOLEAN' },
    { name: 'parent', type: 'JSON' }
  ])
})

test.each(Object.keys(lsstSchemas))('the schema of LSST %s gives a table', (id) => {
  const all = JSON.parse(lsstSchemas[Number(id)]!) as readonly { readonly name: string }[]
  const fields = fieldsOfAvro([...all].length === 1 ? all[0] : inlined(all))
  const columns = columnsOf({ fields })
  expect(columns.map(({ name }) => name)).toEqual(expect.arrayContaining(['diaSource', 'prvDiaSources']))
  expect(JSON.stringify(fields)).not.toMatch(/cutout/i)
})

/** The last record, with those before it where it names them. */
function inlined(all: readonly object[]): unknown {
  const known = new Map(all.map((record) => [nameOf(record), record]))
  const used = new Set<string>()
  const put = (part: unknown): unknown => {
    if (typeof part === 'string' && known.has(part) && !used.has(part)) {
      used.add(part)
      return put(known.get(part))
    }
    if (Array.isArray(part)) return part.map(put)
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(
      Object.entries(part).map(([key, value]) => [
        key,
        ['type', 'items', 'fields'].includes(key) || Array.isArray(value) ? put(value) : value
      ])
    )
  }
  return put(all.at(-1))
}

function nameOf(record: object): string {
  const { namespace, name } = record as { readonly namespace?: string; readonly name: string }
  return namespace === undefined ? name : `${namespace}.${name}`
}

test("the broker's table has a column for each field of an alert", async () => {
  const [alert] = ztfAlerts(1)
  const payload = codecOf('avro').decode(sourceOf({ bytes: alert!.bytes }).message)
  expect(await unknownOf(payload)).toEqual([])
})

const title = "the broker's table has a column for each field of real alerts, of all versions"
test.skipIf(withoutData)(withoutData ? `${title} (skipped: there is no ../shared/data)` : title, async () => {
  const all = realZtf()
  expect(all.length).toBeGreaterThan(1)
  for (const alert of all) expect(await unknownOf(alert.payload())).toEqual([])
})

test('the files of columns that come with the package are read', async () => {
  const names = async (name: string) => (await file(`broker/${name}`)).map((field) => field.name)
  expect(await names('salt2.json')).toEqual(expect.arrayContaining(['objectId', 'candid', 'x1', 'x1_err', 't0_c_cov']))
  expect(await names('dead-letters.json')).toEqual(expect.arrayContaining(['code', 'reason', 'value']))
})

test('an alert is a schema, too', async () => {
  const fields = await file('demo/ztf-loop/2982166034333010000.avro')
  expect(fields.slice(2, 4)).toEqual([
    { name: 'objectId', type: 'STRING', mode: 'REQUIRED' },
    { name: 'candid', type: 'INTEGER', mode: 'REQUIRED' }
  ])
  expect(fields.map(({ name }) => name)).not.toContain('cutoutScience')
})

test.each(['demo.yaml', 'alertstreams.schema.json', 'nowhere.json'])('%s is refused', async (name) => {
  await expect(file(name)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(name),
    remedy: expect.stringContaining('schema of BigQuery')
  })
})
