import { mkdirSync, writeFileSync } from 'node:fs'
import { readSchemaFile } from '../src/bigquery/schema-file.ts'
import type { FieldSchema } from '../src/bigquery/tables.ts'

/**
 * Writes the columns of the broker's tables. Those for ZTF come from the schema in an alert of version 4.02, which has all
 * fields of the older ones: `node scripts/write-bigquery-schemas.ts alert.avro`.
 */
const [alert] = process.argv.slice(2)
const folder = new URL('../config/broker/', import.meta.url)

const column = (type: string, mode?: FieldSchema['mode']) => (name: string) => ({ name, type, ...(mode && { mode }) })
const [text, integer, bytes] = [column('STRING'), column('INTEGER'), column('BYTES')]

/** What a file of dead letters has in a line. */
const deadLetters = [
  ...[text('topic'), text('id'), integer('partition'), text('offset'), column('TIMESTAMP')('timestamp')],
  ...[bytes('key'), column('JSON')('headers'), bytes('value')],
  ...[column('STRING', 'REQUIRED')('code'), column('STRING', 'REQUIRED')('reason')],
  ...[text('stack'), integer('attempts'), text('stream'), text('route')]
]

const schemas = {
  'dead-letters.json': deadLetters,
  ...(alert !== undefined && { 'ztf-alerts.json': await readSchemaFile(alert) })
}
mkdirSync(folder, { recursive: true })
for (const [file, fields] of Object.entries(schemas)) {
  writeFileSync(new URL(file, folder), `${listText(fields, '\n')}\n`)
}

/** A column a line. */
function listText(fields: readonly FieldSchema[], newline: string): string {
  const lines = fields.map(({ fields: inner, ...field }) => {
    const parts = Object.entries(field).map(([name, value]) => `"${name}": ${JSON.stringify(value)}`)
    if (inner === undefined) return `{ ${parts.join(', ')} }`
    const all = [...parts, `"fields": ${listText(inner, `${newline}    `)}`]
    return `{${newline}    ${all.join(`,${newline}    `)}${newline}  }`
  })
  return `[${newline}  ${lines.join(`,${newline}  `)}${newline}]`
}
