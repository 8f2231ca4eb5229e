import { type AvroField, type AvroType, readSchema } from '../codecs/avro/schema.ts'
import type { FieldSchema } from './tables.ts'

/**
 * The columns of a table for records of an Avro schema, nested as these are. What holds bytes, cut-outs above all, gets
 * none. Required is what is no record, has no null and stands at the top: the ids. Maps and unions of several types are
 * JSON, and so are records in themselves and lists of lists.
 */
export function fieldsOfAvro(schema: unknown): readonly FieldSchema[] {
  const { type } = readSchema(schema)
  const record = withoutNull(type)
  if (record?.kind !== 'record') throw new Error('its schema is not one of a record')
  return record.fields.flatMap((field) => {
    const column = columnOf(field, [record])
    const isPlain = column !== undefined && column.mode === undefined && column.type !== 'RECORD'
    return column === undefined ? [] : [isPlain && !mayBeNull(field.type) ? { ...column, mode: 'REQUIRED' } : column]
  })
}

/** Undefined: it has bytes. `above`: the records that it lies in. */
function columnOf({ name, type }: AvroField, above: readonly AvroType[]): FieldSchema | undefined {
  const one = withoutNull(type)
  if (one?.kind === 'array') {
    const item = columnOf({ name, type: one.items }, above)
    if (item === undefined || item.mode !== 'REPEATED') return item && { ...item, mode: 'REPEATED' }
    return { name, type: 'JSON' }
  }
  if (one?.kind === 'record' && !above.includes(one)) {
    if (one.fields.some((field) => isBytes(field.type))) return undefined
    const fields = one.fields.map((field) => columnOf(field, [...above, one])).filter((field) => field !== undefined)
    return { name, type: 'RECORD', fields }
  }
  return isBytes(type) ? undefined : { name, type: one === undefined ? 'JSON' : (TYPES[one.kind] ?? 'JSON') }
}

const TYPES: Readonly<Record<string, string>> = {
  boolean: 'BOOLEAN',
  int: 'INTEGER',
  long: 'INTEGER',
  float: 'FLOAT',
  double: 'FLOAT',
  string: 'STRING',
  enum: 'STRING'
}

/** The one type that it has beside null. */
function withoutNull(type: AvroType): AvroType | undefined {
  if (type.kind !== 'union') return type
  const others = type.branches.filter(({ kind }) => kind !== 'null')
  return others.length === 1 ? others[0] : undefined
}

function mayBeNull(type: AvroType): boolean {
  return type.kind === 'null' || (type.kind === 'union' && type.branches.some(({ kind }) => kind === 'null'))
}

function isBytes(type: AvroType): boolean {
  const kind = withoutNull(type)?.kind
  return kind === 'bytes' || kind === 'fixed'
}
