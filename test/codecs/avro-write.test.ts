import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import avsc from 'avsc'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { inferSchema } from '../../src/codecs/avro/infer.ts'
import { codecOf } from '../../src/codecs/usual.ts'
import type { Codec } from '../../src/contract/codec.ts'
import { candidateRecord, candidateSchema } from './candidate.ts'
import { madeCodec } from './made.ts'
import { messageOf } from './message.ts'
import { anySample } from './random-avro.ts'

const folder = mkdtempSync(join(tmpdir(), 'avro-write-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function codecWith(schema: unknown): Codec {
  const file = join(folder, `${files++}.avsc`)
  writeFileSync(file, JSON.stringify(schema))
  return madeCodec('avro', { SCHEMA: file })
}

const roundTrip = (codec: Codec, value: unknown) => codecOf('avro').decode(messageOf(codec.encode(value).bytes))
const failure = (text: string) =>
  expect.objectContaining({ code: 'HANDLER_FAILED', message: expect.stringContaining(text) })

describe('written by a schema', () => {
  test('any value comes back as it was', () => {
    fc.assert(
      fc.property(anySample, ({ schema, read }) => {
        expect(roundTrip(codecWith(schema), read)).toEqual(read)
      }),
      { numRuns: 300 }
    )
  })

  test('a list of records is a container of so many; the union branch is the one that holds all digits', () => {
    expect(roundTrip(codecWith(candidateSchema), [candidateRecord, candidateRecord])).toEqual([
      candidateRecord,
      candidateRecord
    ])
    const number = codecWith({
      type: 'record',
      name: 'r',
      fields: [{ name: 'x', type: ['float', 'int', 'double', 'long'] }]
    })
    for (const x of [0.1, 0.5, 7, 2 ** 40, -0, 2n ** 60n, Number.NaN]) expect(roundTrip(number, { x })).toEqual({ x })
    const wide = codecWith({ type: 'record', name: 'r', fields: [{ name: 'x', type: ['long', 'double'] }] })
    for (const x of [2 ** 60, 2n ** 60n, -(2 ** 63), 1e300]) expect(roundTrip(wide, { x })).toEqual({ x })
  })

  test('an absent field gets its default, or null', () => {
    const fields = [
      { name: 'a', type: 'int', default: 7 },
      { name: 'b', type: ['null', 'string'] },
      { name: 'c', type: 'bytes', default: '\u00ff' },
      { name: 'd', type: { type: 'map', values: 'int' }, default: {} }
    ]
    const codec = codecWith({ type: 'record', name: 'r', fields })
    expect(roundTrip(codec, {})).toEqual({ a: 7, b: null, c: new Uint8Array([255]), d: {} })
  })

  const { candidate } = candidateRecord
  test.each([
    [
      'a field that is missing',
      { ...candidateRecord, candidate: { ...candidate, jd: undefined } },
      'candidate.jd is missing'
    ],
    [
      'another type',
      { ...candidateRecord, candidate: { ...candidate, fid: 'g' } },
      'candidate.fid is the text "g", and the schema has int'
    ],
    [
      '33 bits in an int',
      { ...candidateRecord, candidate: { ...candidate, fid: 2 ** 31 } },
      'candidate.fid is the number 2147483648'
    ],
    ['65 bits in a long', { ...candidateRecord, candid: 2n ** 63n }, 'candid is the number 9223372036854775808'],
    ['a number in a list', { ...candidateRecord, prv_candidates: [candidate, 5] }, 'prv_candidates[1] is the number 5'],
    ['a value of a map', { ...candidateRecord, tags: { new: 'yes' } }, 'tags.new is the text "yes"'],
    ['a symbol', { ...candidateRecord, candidate: { ...candidate, isdiffpos: '1' } }, 'candidate.isdiffpos'],
    ['a fixed of another length', { ...candidateRecord, checksum: new Uint8Array(3) }, 'checksum is 3 bytes'],
    [
      'a field that would be lost',
      { ...candidateRecord, candidate: { ...candidate, extra: 1 } },
      'candidate.extra is no field of synthetic.candidate'
    ],
    ['no record', 'text', 'the value is the text "text"']
  ])('%s is an error that names it', (_title, value, text) => {
    expect(() => codecWith(candidateSchema).encode(value)).toThrow(failure(text))
  })
})

describe('written without a schema', () => {
  const avro = codecOf('avro')
  const anyLong = fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .map((one) => (Number.isSafeInteger(Number(one)) ? Number(one) : one))
  const anyJson = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      {
        arbitrary: fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.double(),
          fc.boolean(),
          fc.constant(null),
          anyLong,
          fc.uint8Array()
        ),
        weight: 3
      },
      { arbitrary: fc.array(tie('value'), { maxLength: 4 }), weight: 1 },
      {
        arbitrary: fc.dictionary(fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.string()), tie('value'), {
          maxKeys: 4,
          noNullPrototype: true
        }),
        weight: 2
      }
    )
  })).value

  test('any value comes back as it was, and the schema is one that others take', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(roundTrip(avro, value)).toEqual(value)
        avsc.Type.forSchema(inferSchema(value) as avsc.Schema, { wrapUnions: true })
      }),
      { numRuns: 500 }
    )
  })

  test.each([
    ['text', 'string'],
    [40, 'long'],
    [2.5, 'double'],
    [[], { type: 'array', items: 'null' }],
    [[1, 2.5], { type: 'array', items: 'double' }],
    [[2n ** 60n, 2.5], { type: 'array', items: ['long', 'double'] }],
    [
      { a: 1, b: 2 },
      { type: 'map', values: 'long' }
    ],
    [
      { a: 1, b: 2, c: 3, d: null },
      { type: 'map', values: ['long', 'null'] }
    ],
    [
      { 'not a name': 1, b: 'text' },
      { type: 'map', values: ['long', 'string'] }
    ],
    [
      { name: 'Bob', age: 40, height: 2.05 },
      {
        type: 'record',
        name: 'auto_record0',
        fields: [
          { name: 'name', type: 'string' },
          { name: 'age', type: 'long' },
          { name: 'height', type: 'double' }
        ]
      }
    ],
    [
      [
        { id: 1, mag: null, band: 'g' },
        { id: 2, mag: 15.5, band: 'r' }
      ],
      {
        type: 'array',
        items: {
          type: 'record',
          name: 'auto_record0',
          fields: [
            { name: 'id', type: 'long' },
            { name: 'mag', type: ['null', 'double'] },
            { name: 'band', type: 'string' }
          ]
        }
      }
    ]
  ])('%o is of the type that hop-client would take', (value, schema) => expect(inferSchema(value)).toEqual(schema))

  test('deep nesting takes no time', () => {
    let narrow: unknown = 1
    for (let depth = 0; depth < 60; depth++) narrow = { a: narrow, b: null }
    const before = process.cpuUsage()
    expect(roundTrip(avro, narrow)).toEqual(narrow)
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000)
  })

  test.each([
    [{ when: new Date(0) }, 'when is a Date'],
    [[Symbol('x')], 'an item of the value is a symbol'],
    [{ id: 2n ** 64n }, 'id is the number 18446744073709551616']
  ])('what Avro has no type for is an error', (value, text) => {
    expect(() => avro.encode(value)).toThrow(failure(text))
  })
})
