import { deserialize, Long, ObjectId, serialize, Timestamp } from 'bson'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readBson } from '../../../src/codecs/bson/reader.ts'
import { writeBson } from '../../../src/codecs/bson/writer.ts'
import { stringifyJson } from '../../../src/codecs/json-text.ts'
import { usualLimits } from '../../../src/codecs/limits.ts'

const read = (bytes: Uint8Array) => readBson(bytes, usualLimits)
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

/** As the official package is asked to read 64-bit integers; ours are numbers where they are safe. */
const official = (bytes: Uint8Array) => deserialize(bytes, { useBigInt64: true, promoteBuffers: true })

const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const leaf = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true }).filter((value) => !Number.isInteger(value) || Object.is(value, -0)),
  long.filter((value) => !Number.isSafeInteger(Number(value))),
  fc.string({ unit: 'grapheme' }),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array()
)
const name = fc.string().filter((text) => !text.includes('\0') && text !== '__proto__')
const { document } = fc.letrec((tie) => ({
  document: fc.dictionary(name, fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value')), tie('document'))),
  value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value')), tie('document'))
}))
const plain = stringifyJson

describe('BSON', () => {
  test('what we write, the official package and we read', () => {
    fc.assert(
      fc.property(document, (value) => {
        const bytes = writeBson(value as object)
        expect(plain(official(bytes))).toBe(plain(value))
        expect(plain(read(bytes))).toBe(plain(value))
      })
    )
  })

  test('what the official package writes, we read', () => {
    fc.assert(
      fc.property(document, (value) => {
        expect(plain(read(serialize(value as object)))).toBe(plain(value))
      })
    )
  })

  test('ids, dates and other types of its own', () => {
    const value = {
      id: new ObjectId('65f0c0ffee65f0c0ffee0001'),
      safe: Long.fromNumber(5),
      most: Long.MAX_VALUE,
      least: Long.MIN_VALUE,
      time: new Timestamp(2n ** 64n - 1n),
      at: new Date('2025-03-02T04:16:00.123Z'),
      nan: Number.NaN
    }
    expect(read(serialize(value))).toEqual({
      id: '65f0c0ffee65f0c0ffee0001',
      safe: 5,
      most: 2n ** 63n - 1n,
      least: -(2n ** 63n),
      time: 2n ** 64n - 1n,
      at: new Date('2025-03-02T04:16:00.123Z'),
      nan: Number.NaN
    })
    // 2^62 milliseconds: beyond what a Date can hold.
    expect(read(hex('10000000 09 6100 0000000000000040 00'))).toEqual({ a: 2n ** 62n })
  })

  test('a field named __proto__ is a field', () => {
    const read = readBson(hex('18000000 03 5f5f70726f746f5f5f00 08000000 0a 6100 00 00'), usualLimits)
    expect(Object.keys(read)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
  })

  test.each([
    ['an empty input', ''],
    ['a length of 4', '04000000'],
    ['a length beyond the end', '06000000 00'],
    ['bytes behind it', '05000000 00 00'],
    ['no zero at its end', '05000000 01'],
    ['a name without an end', '08000000 0a 6161 00'],
    ['a string longer than it', '0e000000 02 6100 ffffff7f 6100 00'],
    ['a string without a zero', '0f000000 02 6100 02000000 6161 00 00'],
    ['a string that is no UTF-8', '0f000000 02 6100 02000000 ff00 00 00'],
    ['a string of negative length', '0e000000 02 6100 ffffffff 6100 00'],
    ['a boolean of 2', '09000000 08 6100 02 00'],
    ['a nested document beyond its own', '10000000 03 6100 0c000000 0a6200 00 00'],
    ['JavaScript', '11000000 0d 6100 03000000 7b7d00 00'],
    ['an unknown type', '08000000 42 6100 00']
  ])('%s is refused', (_title, text) => expect(() => read(hex(text))).toThrow(Error))

  test('nesting and values have bounds, which are found before anything is built', () => {
    let nested = Buffer.from('0500000000', 'hex')
    for (let level = 1; level < 101; level++) {
      const bytes = Buffer.alloc(nested.length + 8)
      bytes.writeInt32LE(bytes.length)
      bytes[4] = 3
      bytes[5] = 0x61
      nested.copy(bytes, 7)
      nested = bytes
    }
    expect(() => read(nested)).toThrow(/nests deeper than 100/)
    expect(() => read(nested.subarray(7, -1))).not.toThrow()
    const items = writeBson({ list: Array.from({ length: 20 }, () => null) })
    expect(readBson(items, { depth: 5, values: 21 }).list).toHaveLength(20)
    expect(() => readBson(items, { depth: 5, values: 20 })).toThrow(/MAX_VALUES/)
  })

  test.each([
    [{ a: () => 1 }],
    [{ a: Symbol('a') }],
    [{ a: 2n ** 63n }],
    [{ 'a\0': 1 }],
    [{ a: new Date(Number.NaN) }]
  ])('can not be written: %s', (value) => expect(() => writeBson(value)).toThrow(Error))

  test('a circle is refused', () => {
    const circle: Record<string, unknown> = {}
    circle.self = circle
    expect(() => writeBson(circle)).toThrow(/holds itself/)
  })
})
