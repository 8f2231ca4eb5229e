import { fits, isMap, labelOf } from './fit.ts'
import type { AvroOutput } from './output.ts'
import type { AvroField, AvroRecord, AvroType } from './schema.ts'

/**
 * Writes a value as the type says; throws naming the path of what doesn't fit. A field that is absent gets its default,
 * else null where that is allowed; one that the schema hasn't is an error: it would be lost.
 */
export function writeAvro(out: AvroOutput, type: AvroType, value: unknown, path = ''): void {
  if (type.kind === 'union') return writeUnion(out, type.branches, value, path)
  if (type.kind === 'record' && isMap(value)) return writeRecord(out, type, value, path)
  if (type.kind === 'array' && Array.isArray(value)) {
    return writeItems(out, value, (item, index) => writeAvro(out, type.items, item, `${path}[${index}]`))
  }
  if (type.kind === 'map' && isMap(value)) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined)
    return writeItems(out, entries, ([key, item]) => {
      out.string(key)
      writeAvro(out, type.items, item, below(path, key))
    })
  }
  if (!fits(type, value))
    throw new Error(`${path || 'the value'} is ${labelOf(value)}, and the schema has ${type.kind}`)
  writeSimple(out, type, value)
}

/** The value fits. */
function writeSimple(out: AvroOutput, type: AvroType, value: unknown): void {
  switch (type.kind) {
    case 'boolean':
      return out.boolean(value === true)
    case 'int':
    case 'long':
      return out.long(value as number | bigint)
    case 'float':
      return out.float(Number(value))
    case 'double':
      return out.double(Number(value))
    case 'string':
      return out.string(String(value))
    case 'bytes':
      return out.bytes(value as Uint8Array)
    case 'fixed':
      return out.raw(value as Uint8Array)
    case 'enum':
      return out.long(type.symbols.indexOf(String(value)))
  }
}

/** The first branch that holds the value exactly, else the first that it fits. */
function writeUnion(out: AvroOutput, branches: readonly AvroType[], value: unknown, path: string): void {
  const real = branches.filter(({ kind }) => kind !== 'null')
  // With one branch to choose from, what doesn't fit can be named to the last field.
  const only = real.length === 1 && value !== null && value !== undefined ? real[0] : undefined
  const branch = only ?? branches.find((one) => fits(one, value, true)) ?? branches.find((one) => fits(one, value))
  if (branch === undefined) {
    const kinds = branches.map((one) => (one.kind === 'record' ? one.name : one.kind)).join(', ')
    throw new Error(`${path || 'the value'} is ${labelOf(value)}, which is none of ${kinds}`)
  }
  out.long(branches.indexOf(branch))
  writeAvro(out, branch, value, path)
}

function writeRecord(
  out: AvroOutput,
  { name, fields }: AvroRecord,
  value: Record<string, unknown>,
  path: string
): void {
  for (const key of Object.keys(value)) {
    if (value[key] !== undefined && !fields.some((field) => field.name === key)) {
      throw new Error(`${below(path, key)} is no field of ${name}`)
    }
  }
  for (const field of fields) {
    const own = Object.hasOwn(value, field.name) ? value[field.name] : undefined
    writeAvro(
      out,
      field.type,
      own === undefined ? usualOf(field, below(path, field.name)) : own,
      below(path, field.name)
    )
  }
}

/** What an absent field is written as. In a schema's JSON, bytes are text of as many characters. */
function usualOf({ type, fallback }: AvroField, path: string): unknown {
  const first = type.kind === 'union' ? type.branches[0] : type
  if (fallback !== undefined) {
    const isText = typeof fallback === 'string' && (first?.kind === 'bytes' || first?.kind === 'fixed')
    return isText ? Buffer.from(fallback, 'latin1') : fallback
  }
  if (fits(type, null)) return null
  throw new Error(`${path} is missing`)
}

function writeItems<Item>(out: AvroOutput, items: readonly Item[], write: (item: Item, index: number) => void): void {
  if (items.length > 0) out.long(items.length)
  items.forEach(write)
  out.long(0)
}

function below(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}
