import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rowReader } from '../../src/bigquery/values.ts'

/** One cell of one column, as BigQuery writes it. */
function cellOf(field: object, v: unknown): unknown {
  return rowReader({ fields: [{ name: 'x', ...field }] })({ f: [{ v }] }).x
}

test.each([
  ['INTEGER', '42', 42],
  ['INT64', '-2982177112815010003', -2982177112815010003n],
  ['INT64', '9223372036854775807', 9223372036854775807n],
  ['INT64', '9007199254740991', 9007199254740991],
  ['FLOAT', '1.5E-7', 1.5e-7],
  ['FLOAT64', 'NaN', Number.NaN],
  ['FLOAT64', '-Infinity', Number.NEGATIVE_INFINITY],
  ['BOOLEAN', 'true', true],
  ['BOOL', 'false', false],
  ['NUMERIC', '26.123456789', '26.123456789'],
  ['BIGNUMERIC', '0.00000000000000000000000000000000000001', '0.00000000000000000000000000000000000001'],
  ['TIMESTAMP', '1633710045123456', '2021-10-08T16:20:45.123456Z'],
  ['TIMESTAMP', '-1', '1969-12-31T23:59:59.999999Z'],
  ['TIMESTAMP', '1.633710045123456E9', '2021-10-08T16:20:45.123456Z'],
  ['TIMESTAMP', '-62135596800000000', '0001-01-01T00:00:00.000000Z'],
  ['DATE', '2021-10-08', '2021-10-08'],
  ['BYTES', '/+8=', '/+8='],
  ['JSON', '{"id":2982177112815010003}', { id: 2982177112815010003n }],
  ['STRING', '', ''],
  ['STRING', null, null],
  ['INT64', null, null]
])('%s %s', (type, given, expected) => {
  expect(cellOf({ type, mode: 'NULLABLE' }, given)).toEqual(expected)
})

test('records and lists of records keep their nesting', () => {
  const fields = [
    { name: 'id', type: 'INT64' },
    { name: 'tags', type: 'STRING', mode: 'REPEATED' }
  ]
  const cell = { f: [{ v: '1' }, { v: [{ v: 'a' }, { v: 'b' }] }] }
  const value = { id: 1, tags: ['a', 'b'] }
  expect(cellOf({ type: 'RECORD', fields }, cell)).toEqual(value)
  expect(cellOf({ type: 'STRUCT', mode: 'REPEATED', fields }, [{ v: cell }, { v: cell }])).toEqual([value, value])
  expect(cellOf({ type: 'RECORD', mode: 'REPEATED', fields }, [])).toEqual([])
  expect(cellOf({ type: 'RECORD', fields }, null)).toBe(null)
})

test('every integer keeps all its digits, and every time its microseconds', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (id) => {
      expect(String(cellOf({ type: 'INT64' }, String(id)))).toBe(String(id))
    })
  )
  fc.assert(
    fc.property(fc.bigInt({ min: -62135596800000000n, max: 253402300799999999n }), (micros) => {
      const text = String(cellOf({ type: 'TIMESTAMP' }, String(micros)))
      const [seconds = '', fraction = ''] = text.split('.')
      expect(BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(fraction.slice(0, 6))).toBe(micros)
    })
  )
})
