import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import avsc from 'avsc'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openContainer, writeContainer } from '../../src/codecs/avro/container.ts'
import { decodeContainer } from '../../src/codecs/avro/decode.ts'
import { readersOf } from '../../src/codecs/avro/kept.ts'
import { reorderer } from '../../src/codecs/avro/reorder.ts'
import { readSchema } from '../../src/codecs/avro/schema.ts'
import { strictSchema } from '../../src/codecs/avro/strict.ts'
import { avscContainer, containerOf, zigZag } from './container.ts'
import { anySample } from './random-avro.ts'

const strictly = (schema: unknown) => avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: true })

/** The mended schema; undefined: nothing was wrong. */
function mend(schema: unknown) {
  const strict = strictSchema(Buffer.from(JSON.stringify(schema)), readSchema(schema).type)
  return strict && { ...strict, schema: JSON.parse(Buffer.from(strict.text).toString()) }
}

/** A container as it is with the mended schema. */
function mended(bytes: Uint8Array): Uint8Array {
  const { schema, metadata, sync, blocks } = openContainer(bytes, 1e9)
  const { type } = readersOf(schema)
  const strict = strictSchema(schema, type)!
  const rewrite = reorderer(type, strict.reordered)
  const rewritten = blocks.map((block) => rewrite(block))
  expect(rewritten.map((one) => one.bytes.length)).toEqual(blocks.map((one) => one.bytes.length))
  return writeContainer(new Map([...metadata, ['avro.schema', strict.text] as const]), sync, rewritten)
}

const record = (fields: readonly object[], name = 'r') => ({
  type: 'record',
  name,
  namespace: 'n',
  doc: 'kept',
  fields
})

describe('a schema that strict readers refuse', () => {
  test('has the type of the default first, and keeps all else', () => {
    const fields = [
      { name: 'a', type: ['float', 'null'], default: null, doc: 'magnitude' },
      { name: 'b', type: ['null', 'long', 'string'], default: 'none' },
      { name: 'c', type: ['int', 'null'], default: 0, aliases: ['d'] }
    ]
    const found = mend(record(fields))!
    expect(found.schema).toEqual(
      record([
        { name: 'a', type: ['null', 'float'], default: null, doc: 'magnitude' },
        { name: 'b', type: ['string', 'null', 'long'], default: 'none' },
        { name: 'c', type: ['int', 'null'], default: 0, aliases: ['d'] }
      ])
    )
    expect(found.fields).toEqual(['n.r.a', 'n.r.b'])
    expect([...found.reordered.values()]).toEqual([
      [1, 0],
      [1, 2, 0]
    ])
  })

  test('loses a default that no type allows', () => {
    const fields = [
      { name: 'a', type: 'float', default: null },
      { name: 'b', type: ['null', 'int'], default: 'none' },
      { name: 'c', type: { type: 'array', items: 'int' }, default: ['x'] }
    ]
    const found = mend(record(fields))!
    expect(found.schema.fields.map(Object.keys)).toEqual([['name', 'type'], ['name', 'type'], ['name', 'type']]) // biome-ignore format: one line
    expect(found.reordered.size).toBe(0)
    strictly(found.schema)
  })

  test('is mended within lists, maps, unions and what is named later', () => {
    const inner = record([{ name: 'x', type: ['int', 'null'], default: null }], 'inner')
    const fields = [
      { name: 'list', type: ['null', { type: 'array', items: inner }], default: null },
      { name: 'again', type: ['n.inner', 'null'], default: null },
      {
        name: 'map',
        type: { type: 'map', values: [record([{ name: 'y', type: 'int', default: '1' }], 'other'), 'null'] }
      }
    ]
    const found = mend(record(fields))!
    expect(found.fields).toEqual(['n.inner.x', 'n.r.again', 'n.other.y'])
    strictly(found.schema)
  })

  test('keeps its order where a type would be named before it is defined', () => {
    const first = record([{ name: 'x', type: 'int', default: 1 }], 'first')
    const fields = [{ name: 'u', type: [first, { type: 'array', items: 'n.first' }], default: [] }]
    const found = mend(record(fields))!
    expect(found.schema.fields).toEqual([{ name: 'u', type: fields[0]!.type }])
    expect(found.reordered.size).toBe(0)
  })

  test('is left alone where nothing is wrong, large defaults with all digits', () => {
    const fields = [{ name: 'id', type: ['long', 'null'], default: 1 }, { name: 'n', type: ['null', 'int'], default: null }] // biome-ignore format: one line
    expect(mend(record(fields))).toBeUndefined()
    const text =
      '{"type":"record","name":"r","fields":[{"name":"a","type":["null","long"],"default":2982177112815010003}]}'
    const { type } = readSchema(JSON.parse(text))
    expect(Buffer.from(strictSchema(Buffer.from(text), type)!.text).toString()).toContain(
      '"default":2982177112815010003'
    )
  })
})

describe('records of a mended schema', () => {
  test('hold the same, whatever the schema and the defaults in it', () => {
    const defaults = fc.infiniteStream(fc.constantFrom(null, 0, 1.5, '', 'abc', 'g', true, [], {}, undefined))
    let changed = 0
    fc.assert(
      fc.property(anySample, defaults, ({ schema, written, read }, stream) => {
        const bad = withDefaults(schema, () => stream.next().value)
        const before = containerOf(bad, [{ records: 1, bytes: bodyOf(schema, written) }])
        const found = mend(bad)
        if (found === undefined) return void strictly(bad)
        changed++
        strictly(found.schema)
        expect(mend(found.schema)).toBeUndefined()
        expect(decodeContainer(mended(before))).toEqual(read)
      }),
      { numRuns: 500 }
    )
    expect(changed).toBeGreaterThan(100)
  })

  test('of several blocks and of compressed ones', () => {
    const schema = record([{ name: 'a', type: ['int', 'null'], default: null }])
    const plain = { ...schema, fields: [{ name: 'a', type: ['int', 'null'] }] }
    const records = [{ a: { int: 7 } }, { a: null }, { a: { int: -1 } }]
    const body = openContainer(avscContainer(plain, records), 1e9).blocks[0]!
    for (const codec of ['null', 'deflate', 'zstandard', 'snappy']) {
      const bytes = mended(containerOf(schema, [body, body], codec))
      expect(decodeContainer(bytes)).toEqual([7, null, -1, 7, null, -1].map((a) => ({ a })))
      expect(Buffer.from(openContainer(bytes, 1e9).metadata.get('avro.codec')!).toString()).toBe('null')
    }
  })

  test('with an index of needlessly many bytes', () => {
    const schema = record([{ name: 'a', type: ['int', 'null'], default: null }])
    const bytes = containerOf(schema, [{ records: 2, bytes: Buffer.from([0x80, 0x80, 0, ...zigZag(5), 0x82, 0]) }])
    expect(decodeContainer(mended(bytes))).toEqual([{ a: 5 }, { a: null }])
  })

  test('are refused where they are not whole', () => {
    const schema = record([{ name: 'a', type: ['string', 'null'], default: null }])
    for (const body of [[4], [0], [0, 8, 97], [0, 2, 97, 2], []]) {
      expect(() => mended(containerOf(schema, [{ records: 1, bytes: Buffer.from(body) }]))).toThrow()
    }
    expect(() => mended(containerOf(schema, [{ records: 2 ** 40, bytes: Buffer.from([2]) }]))).toThrow(/2|items/)
  })
})

const folder = join(import.meta.dirname, '../../../shared/data/ztf')
const packet = join(folder, '472263571115115000.avro')

describe.skipIf(!existsSync(packet))('a packet of ZTF 3.3 (skipped where ../shared/data is absent)', () => {
  test('is refused by strict avsc, and mended it is not; every value is the same', () => {
    const bytes = readFileSync(packet)
    expect(() => strictly(JSON.parse(Buffer.from(openContainer(bytes, 1e9).schema).toString()))).toThrow(/first branch/)
    const after = mended(bytes)
    strictly(JSON.parse(Buffer.from(openContainer(after, 1e9).schema).toString()))
    expect(decodeContainer(after)).toEqual(decodeContainer(bytes))
  })
})

/** The record as avsc writes it. */
function bodyOf(schema: unknown, written: unknown): Uint8Array {
  return openContainer(avscContainer(schema, [written]), 1e9).blocks[0]!.bytes
}

/** Each field of it has a default, which is mostly wrong. */
function withDefaults(part: unknown, next: () => unknown): unknown {
  if (Array.isArray(part)) return part.map((one) => withDefaults(one, next))
  if (typeof part !== 'object' || part === null) return part
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => {
      if (key !== 'fields') return [key, withDefaults(value, next)]
      const fields = (value as { name: string; type: unknown }[]).map(({ name, type }) => {
        const given = next()
        return { name, type: withDefaults(type, next), ...(given !== undefined && { default: given }) }
      })
      return [key, fields]
    })
  )
}
