import { isMap, labelOf } from './fit.ts'

/** Avro's JSON form of a type. */
export type SchemaJson = string | { readonly [key: string]: unknown } | readonly SchemaJson[]

/** What values at one place were seen to be; maps by the keys they have. */
interface Shape {
  readonly simple: Set<string>
  readonly maps: Map<string, Map<string, Shape>>
  items: Shape | undefined
  /** An integer that a double can't hold. */
  isWide: boolean
}

/**
 * A schema for a value that comes without one, by hop-client's rules: a map whose values are of more kinds than half its
 * entries becomes a record, `auto_record0` and so on. Other than there, maps with the same keys in one list share a
 * record, no union holds two lists or two maps, and a list of whole and broken numbers is one of doubles.
 */
export function inferSchema(value: unknown): SchemaJson {
  const shape = emptyShape()
  add(shape, value, 'the value')
  return new Naming().schemaOf(shape)
}

function emptyShape(): Shape {
  return { simple: new Set(), maps: new Map(), items: undefined, isWide: false }
}

function add(shape: Shape, value: unknown, path: string): void {
  if (Array.isArray(value)) {
    shape.items ??= emptyShape()
    for (const item of value) add(shape.items, item, `an item of ${path}`)
  } else if (isMap(value)) {
    const keys = Object.keys(value).filter((key) => value[key] !== undefined)
    const fields = fieldsIn(shape, keys)
    for (const key of keys) add(fields.get(key)!, value[key], key)
  } else {
    shape.simple.add(simpleType(value, path))
    shape.isWide ||= typeof value === 'bigint'
  }
}

function fieldsIn(shape: Shape, keys: readonly string[]): Map<string, Shape> {
  const id = JSON.stringify(keys.toSorted())
  const known = shape.maps.get(id)
  if (known !== undefined) return known
  const fields = new Map(keys.map((key) => [key, emptyShape()]))
  shape.maps.set(id, fields)
  return fields
}

function simpleType(value: unknown, path: string): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'string' || typeof value === 'boolean') return typeof value
  if (typeof value === 'bigint') return 'long'
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0) ? 'long' : 'double'
  if (value instanceof Uint8Array) return 'bytes'
  throw new Error(`${path} is ${labelOf(value)}, for which Avro has no type`)
}

function merge(shapes: Iterable<Shape>): Shape {
  const merged = emptyShape()
  for (const { simple, maps, items, isWide } of shapes) {
    for (const type of simple) merged.simple.add(type)
    for (const fields of maps.values()) {
      const keys = [...fields.keys()]
      const known = fieldsIn(merged, keys)
      for (const key of keys) known.set(key, merge([known.get(key)!, fields.get(key)!]))
    }
    if (items !== undefined) merged.items = merge(merged.items === undefined ? [items] : [merged.items, items])
    merged.isWide ||= isWide
  }
  return merged
}

const namePattern = /^[A-Za-z_]\w*$/

class Naming {
  private records = 0

  schemaOf(shape: Shape): SchemaJson {
    const isDouble = shape.simple.has('double') && !shape.isWide
    const types: SchemaJson[] = [...shape.simple].filter((type) => !(isDouble && type === 'long'))
    if (shape.items !== undefined) types.push({ type: 'array', items: this.schemaOf(shape.items) })
    const [plain, records] = partition([...shape.maps.values()], isRecord)
    types.push(...records.map((fields) => this.record(fields)))
    if (plain.length > 0) {
      const values = merge(plain.flatMap((fields) => [...fields.values()]))
      types.push({ type: 'map', values: this.schemaOf(values) })
    }
    if (types.length === 0) return 'null'
    return types.length === 1 ? types[0]! : types
  }

  private record(fields: ReadonlyMap<string, Shape>): SchemaJson {
    const typed = [...fields].map(([name, shape]) => ({ name, type: this.schemaOf(shape) }))
    return { type: 'record', name: `auto_record${this.records++}`, fields: typed }
  }
}

function isRecord(fields: ReadonlyMap<string, Shape>): boolean {
  const { simple, maps, items } = merge(fields.values())
  const kinds = simple.size + maps.size + (items === undefined ? 0 : 1)
  const isNamed = [...fields.keys()].every((key) => namePattern.test(key))
  return isNamed && kinds > 1 && kinds > Math.floor(fields.size / 2)
}

function partition<Item>(items: readonly Item[], test: (item: Item) => boolean): [no: Item[], yes: Item[]] {
  return [items.filter((item) => !test(item)), items.filter(test)]
}
