/** A schema with its names resolved; a recursive one refers to itself. */
export type AvroType =
  | { readonly kind: 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string' }
  | { readonly kind: 'fixed'; readonly size: number }
  | { readonly kind: 'enum'; readonly symbols: readonly string[] }
  | { readonly kind: 'array' | 'map'; readonly items: AvroType }
  | { readonly kind: 'union'; readonly branches: readonly AvroType[] }
  | AvroRecord

export interface AvroRecord {
  readonly kind: 'record'
  readonly name: string
  readonly fields: AvroField[]
}

export interface AvroField {
  readonly name: string
  readonly type: AvroType
  /** As in the schema's JSON; for writing only. */
  readonly fallback?: unknown
}

const primitives = new Set(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'])

/** LSST's have some 700 types; a flood of fields would take seconds to compile. */
const MOST_TYPES = 10_000
const DEEPEST = 200

/** A schema that breaks the specification everywhere is not listed in full. */
const MOST_NOTES = 20

type Json = Readonly<Record<string, unknown>>

/**
 * A writer's schema for reading what it wrote, and for writing. Aliases play no role in that and are left out; what
 * breaks the specification but can be read is read, and noted. Logical types are read as what they are made of.
 */
export function readSchema(schema: unknown): { readonly type: AvroType; readonly notes: readonly string[] } {
  const named = new Map<string, AvroType>()
  const notes = new Set<string>()
  const badDefaults: string[] = []
  let types = 0
  let depth = 0

  function read(part: unknown, namespace: string): AvroType {
    if (++types > MOST_TYPES) throw new Error(`the schema has more than ${MOST_TYPES} types`)
    if (typeof part === 'string') return lookUp(part, namespace)
    if (++depth > DEEPEST) throw new Error(`the schema is nested more than ${DEEPEST} deep`)
    const type = readPart(part, namespace)
    depth--
    return type
  }

  function readPart(part: unknown, namespace: string): AvroType {
    if (Array.isArray(part)) return { kind: 'union', branches: part.map((branch) => read(branch, namespace)) }
    if (!isRecord(part)) throw new Error(`the schema has ${String(part)} where a type belongs`)
    switch (part.type) {
      case 'array':
        return { kind: 'array', items: read(part.items, namespace) }
      case 'map':
        return { kind: 'map', items: read(part.values, namespace) }
      case 'fixed':
        return define(part, namespace, { kind: 'fixed', size: sizeOf(part) })
      case 'enum':
        return define(part, namespace, { kind: 'enum', symbols: listOf(part, 'symbols').map(String) })
      case 'record':
      case 'error':
        return readRecord(part, namespace)
      default:
        return read(part.type, namespace)
    }
  }

  function lookUp(name: string, namespace: string): AvroType {
    if (primitives.has(name)) return { kind: name } as AvroType
    const type = named.get(fullName(name, namespace)) ?? named.get(name)
    if (type === undefined) throw new Error(`the schema names a type "${name.slice(0, 80)}" that it doesn't define`)
    return type
  }

  function define<Type extends AvroType>(part: Json, namespace: string, type: Type): Type {
    const name = nameOf(part, namespace)
    if (named.has(name)) notes.add(`${name} is defined twice: the later one counts from there on`)
    named.set(name, type)
    return type
  }

  function readRecord(part: Json, namespace: string): AvroRecord {
    const name = nameOf(part, namespace)
    const record: AvroRecord = define(part, namespace, { kind: 'record', name, fields: [] })
    const taken = new Map<string, number>()
    for (const field of listOf(part, 'fields')) {
      if (!isRecord(field) || typeof field.name !== 'string') throw new Error(`a field of ${name} has no name`)
      const own = freeName(field.name, taken)
      if (own !== field.name) notes.add(`${name} has two fields ${field.name}: the later one is read as ${own}`)
      if (!hasValidDefault(field)) badDefaults.push(`${name}.${own}`)
      const type = read(field.type, name.slice(0, Math.max(0, name.lastIndexOf('.'))))
      record.fields.push('default' in field ? { name: own, type, fallback: field.default } : { name: own, type })
    }
    return record
  }

  const type = read(schema, '')
  if (badDefaults.length > 0) notes.add(badDefaultsNote(badDefaults))
  return { type, notes: [...notes].slice(0, MOST_NOTES) }
}

function nameOf(part: Json, namespace: string): string {
  if (typeof part.name !== 'string') throw new Error(`a ${part.type} of the schema has no name`)
  return fullName(part.name, typeof part.namespace === 'string' ? part.namespace : namespace)
}

export function fullName(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
}

function freeName(name: string, taken: Map<string, number>): string {
  const uses = (taken.get(name) ?? 0) + 1
  taken.set(name, uses)
  return uses === 1 ? name : freeName(`${name}_${uses}`, taken)
}

/** ZTF 3.x has `["float", "null"]` with the default null, which belongs to the first type. */
function hasValidDefault(field: Json): boolean {
  const type = field.type
  if (!Array.isArray(type) || !('default' in field)) return true
  return (field.default === null) === (type[0] === 'null')
}

function badDefaultsNote(fields: readonly string[]): string {
  const some = fields.slice(0, 3).join(', ')
  return `${fields.length} fields have a default that is not of their union's first type, which is ignored: ${some}${fields.length > 3 ? ', ...' : ''}`
}

function sizeOf(part: Json): number {
  const size = part.size
  if (!Number.isSafeInteger(size) || Number(size) < 0) throw new Error('a fixed of the schema has no size')
  return Number(size)
}

function listOf(part: Json, key: string): readonly unknown[] {
  const list = part[key]
  if (!Array.isArray(list)) throw new Error(`a ${part.type} of the schema has no ${key}`)
  return list
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
