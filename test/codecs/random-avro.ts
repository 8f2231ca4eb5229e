import fc from 'fast-check'
import type { Long } from '../../src/contract/alert.ts'

/** A schema, and a value of it twice: as avsc writes it (unions wrapped) and as it should be read. */
export interface Sample {
  readonly schema: unknown
  readonly written: unknown
  readonly read: unknown
}

/** A record schema, and one value of it. */
export const anySample: fc.Arbitrary<Sample> = fc
  .array(schemaTree(), { minLength: 1, maxLength: 6 })
  .map((types) => withNames({ type: 'record', fields: types }))
  .chain((schema) => valuesOf(schema).map((value) => ({ schema, ...value })))

type Value = Pick<Sample, 'written' | 'read'>
type Tree = string | { readonly type: string; readonly [key: string]: unknown } | readonly Tree[]

/** A type without names yet: records have a list of types for fields. */
function schemaTree(): fc.Arbitrary<Tree> {
  const leaf: fc.Arbitrary<Tree> = fc.oneof(
    fc.constantFrom('null', 'boolean', 'int', 'long', 'float', 'double', 'string', 'bytes'),
    fc.constantFrom({ type: 'fixed', size: 3 }, { type: 'enum', symbols: ['g', 'r', 'i'] }, { type: 'long' })
  )
  return fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      { arbitrary: leaf, weight: 4 },
      {
        arbitrary: fc.array(tie('tree'), { minLength: 1, maxLength: 4 }).map((fields) => ({ type: 'record', fields })),
        weight: 2
      },
      { arbitrary: tie('tree').map((items) => ({ type: 'array', items })), weight: 1 },
      { arbitrary: tie('tree').map((values) => ({ type: 'map', values })), weight: 1 },
      { arbitrary: fc.array(tie('tree'), { minLength: 1, maxLength: 4 }).map(asUnion), weight: 2 }
    )
  })).tree
}

/** A union holds at most one of each unnamed kind and no union. */
function asUnion(branches: readonly Tree[]): Tree {
  const flat = branches.flat() as Exclude<Tree, readonly Tree[]>[]
  const kind = (branch: Exclude<Tree, readonly Tree[]>) => (typeof branch === 'string' ? branch : branch.type)
  const isNamed = (branch: Tree) => ['record', 'fixed', 'enum'].includes(kind(branch as never))
  return flat.filter(
    (branch, index) => isNamed(branch) || flat.findIndex((other) => kind(other) === kind(branch)) === index
  )
}

/** Fields are called a, b, ..., so that one path can fit several records; every third record is used again by name. */
function withNames(tree: Tree): Tree {
  const records: string[] = []
  let count = 0
  const name = (part: Tree): Tree => {
    if (typeof part === 'string') return part
    if (Array.isArray(part)) return part.map(name)
    const type = part as Exclude<Tree, string | readonly Tree[]>
    if (type.type === 'array') return { ...type, items: name(type.items as Tree) }
    if (type.type === 'map') return { ...type, values: name(type.values as Tree) }
    if (type.type === 'long') return type
    const own = `${type.type}${count++}`
    if (type.type !== 'record') return { ...type, name: own, namespace: 'random' }
    const fields = (type.fields as Tree[]).map((field, index) => ({ name: 'abcdef'[index], type: name(field) }))
    const known = records.length > 0 && count % 3 === 0 ? records.at(-1)! : undefined
    if (known !== undefined) fields.push({ name: 'again', type: known })
    records.push(own)
    return { ...type, name: own, namespace: 'random', fields }
  }
  return name(tree)
}

function valuesOf(schema: unknown, named = new Map<string, fc.Arbitrary<Value>>()): fc.Arbitrary<Value> {
  if (Array.isArray(schema)) return fc.oneof(...schema.map((branch) => wrapped(branch, valuesOf(branch, named))))
  const type = typeof schema === 'string' ? { type: schema } : (schema as Record<string, unknown>)
  const make = (): fc.Arbitrary<Value> => {
    switch (type.type) {
      case 'null':
        return plain(fc.constant(null))
      case 'boolean':
        return plain(fc.boolean())
      case 'int':
        return plain(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }))
      case 'long':
        return plain(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(exact))
      case 'float':
        return plain(fc.float())
      case 'double':
        return plain(fc.double())
      case 'string':
        return plain(fc.string({ unit: 'grapheme' }))
      case 'bytes':
        return bytesOf(fc.uint8Array({ maxLength: 20 }))
      case 'fixed':
        return bytesOf(fc.uint8Array({ minLength: 3, maxLength: 3 }))
      case 'enum':
        return plain(fc.constantFrom('g', 'r', 'i'))
      case 'array':
        return fc.array(valuesOf(type.items, named), { maxLength: 3 }).map(both)
      case 'map':
        return fc
          .dictionary(fc.string(), valuesOf(type.values, named), { maxKeys: 3, noNullPrototype: true })
          .map(bothByKey)
      case 'record':
        return recordOf(type.fields as { name: string; type: unknown }[], named)
      default:
        return named.get(String(type.type))!
    }
  }
  const value = make()
  if (typeof type.name === 'string') named.set(type.name, value)
  return value
}

function recordOf(fields: { name: string; type: unknown }[], named: Map<string, fc.Arbitrary<Value>>) {
  return fc
    .record(Object.fromEntries(fields.map(({ name, type }) => [name, valuesOf(type, named)])), {
      noNullPrototype: true
    })
    .map(bothByKey)
}

function wrapped(branch: unknown, value: fc.Arbitrary<Value>): fc.Arbitrary<Value> {
  if (branch === 'null') return value
  const { type, name } =
    typeof branch === 'string' ? { type: branch, name: undefined } : (branch as Record<string, unknown>)
  const label = name === undefined ? String(type) : `random.${name}`
  return value.map(({ written, read }) => ({ written: { [label]: written }, read }))
}

function exact(value: bigint): Long {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}

function plain(values: fc.Arbitrary<unknown>): fc.Arbitrary<Value> {
  return values.map((value) => ({ written: value, read: value }))
}

function bytesOf(values: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Value> {
  return values.map((value) => ({ written: Buffer.from(value), read: value }))
}

function both(values: readonly Value[]): Value {
  return { written: values.map(({ written }) => written), read: values.map(({ read }) => read) }
}

function bothByKey(values: Record<string, Value>): Value {
  const entries = Object.entries(values)
  const pick = (side: keyof Value) => Object.fromEntries(entries.map(([key, value]) => [key, value[side]]))
  return { written: pick('written'), read: pick('read') }
}
