import { joinSchemas } from '../../src/codecs/avro/join.ts'
import { type AvroType, readSchema } from '../../src/codecs/avro/schema.ts'
import { lsstSchemas } from '../../src/codecs/confluent/lsst-schemas.ts'
import { madeCodec } from './made.ts'

export const lsstIds = Object.keys(lsstSchemas).map(Number)

export function lsstType(id: number): AvroType {
  return readSchema(joinSchemas(JSON.parse(lsstSchemas[id]!))).type
}

/** A made-up alert of that version of LSST's schema, as the value and in its frame. */
export function lsstAlert(id: number): { readonly value: unknown; readonly bytes: Uint8Array } {
  const value = sampleOf(lsstType(id), { count: 0 })
  return { value, bytes: madeCodec('confluent', { SCHEMA_ID: id }).encode(value).bytes }
}

/** Each value is another one; every third of those that may be null is. */
function sampleOf(type: AvroType, made: { count: number }): unknown {
  const number = ++made.count
  switch (type.kind) {
    case 'null':
      return null
    case 'boolean':
      return number % 2 === 0
    case 'int':
      return number
    case 'long':
      return 281323062375219201n + BigInt(number)
    case 'float':
    case 'double':
      return number / 4
    case 'string':
      return `text ${number}`
    case 'bytes':
      return new Uint8Array([83, 73, 77, number & 255])
    case 'fixed':
      return new Uint8Array(type.size)
    case 'enum':
      return type.symbols[0]
    case 'array':
      return [sampleOf(type.items, made), sampleOf(type.items, made)]
    case 'map':
      return { a: sampleOf(type.items, made) }
    case 'union':
      return sampleOf(type.branches[number % 3 === 0 ? 0 : type.branches.length - 1]!, made)
    case 'record':
      return Object.fromEntries(type.fields.map((field) => [field.name, sampleOf(field.type, made)]))
  }
}
