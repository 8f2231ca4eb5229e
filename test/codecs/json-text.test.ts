import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeJson } from '../../src/codecs/json.ts'
import { parseJson, stringifyJson } from '../../src/codecs/json-text.ts'
import { idText } from '../../src/codecs/long.ts'

describe('reading JSON', () => {
  test.each([
    ['2982177112815010003', 2982177112815010003n],
    ['-9223372036854775808', -9223372036854775808n],
    ['18446744073709551616', 18446744073709551616n],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['-9007199254740991', -Number.MAX_SAFE_INTEGER],
    ['9007199254740992', 9007199254740992n],
    ['9007199254740993', 9007199254740993n],
    ['-9007199254740992', -9007199254740992n],
    ['[1,2982177112815010003]', [1, 2982177112815010003n]],
    ['{"id":\t472263571115115000 }', { id: 472263571115115000n }],
    ['12345678901234567.5', Number('12345678901234567.5')],
    ['2982177112815010003e0', Number('2982177112815010003')],
    ['1e300', 1e300],
    ['0.12345678901234567', Number('0.12345678901234567')],
    ['"2982177112815010003"', '2982177112815010003'],
    ['{"candid": "id 2982177112815010003", "n": -0}', { candid: 'id 2982177112815010003', n: -0 }]
  ])('%s', (text, value) => {
    expect(parseJson(text)).toStrictEqual(value)
  })

  test('of Python: the words that are no JSON, but not in strings', () => {
    const text = '{"NaN": NaN, "a": [-Infinity, Infinity, "NaN, \\"Infinity\\" -Infinity"], "id": 472263571115115000}'
    const a = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 'NaN, "Infinity" -Infinity']
    expect(parseJson(text)).toStrictEqual({ NaN: Number.NaN, a, id: 472263571115115000n })
  })

  test('no number is taken for NaN', () => {
    expect(parseJson('[NaN, 0e-99999, 10e-99999, "0e-99999"]')).toStrictEqual([Number.NaN, 0, 0, '0e-99999'])
  })

  test.each([
    '',
    '{bad',
    '{"a": nan}',
    '[NaN',
    'NaNa',
    '{"a": "NaN}',
    '--Infinity',
    'Infinity1',
    '1NaN',
    '1-Infinity',
    '{"a":1Infinity}',
    '[1,]'
  ])('refuses %s', (text) => expect(() => parseJson(text)).toThrow(SyntaxError))

  test('an integer too long to be one is refused', () => {
    expect(() => parseJson('9'.repeat(5000))).toThrow(SyntaxError)
  })

  test.each([
    ['a string that never ends', `[NaN, "${'\\"'.repeat(500_000)}`],
    ['a million brackets', `${'['.repeat(1_000_000)}NaN 1234567890123456789`],
    ['a million digits', `[${'1'.repeat(1_000_000)}, NaN]`]
  ])('%s is refused in time', (_title, text) => {
    const before = process.cpuUsage()
    expect(() => parseJson(text)).toThrow()
    // Processor time: a busy machine must not make it look slow.
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000)
  })

  test('without long integers it is what JSON.parse reads', () => {
    const short = fc.json().filter((text) => !/\d{16}/.test(text))
    fc.assert(
      fc.property(short, (text) => {
        expect(parseJson(text)).toStrictEqual(JSON.parse(text))
      })
    )
  })
})

describe('writing JSON', () => {
  test('ids keep all digits, bytes are base64, dates ISO text, numbers that JSON lacks null', () => {
    const value = {
      candid: 2982177112815010003n,
      drb: Number.NaN,
      far: Number.NEGATIVE_INFINITY,
      view: new Uint8Array([0, 1, 254, 255]).subarray(1),
      buffer: Buffer.from([255]),
      at: new Date('2025-03-02T04:15:03.004Z'),
      list: [1n, undefined]
    }
    expect(stringifyJson(value)).toBe(
      '{"candid":2982177112815010003,"drb":null,"far":null,"view":"Af7/","buffer":"/w==","at":"2025-03-02T04:15:03.004Z","list":[1,null]}'
    )
  })

  test('a value that JSON has nothing for', () => {
    const circle: Record<string, unknown> = {}
    circle.self = circle
    expect(() => encodeJson(circle)).toThrow(expect.objectContaining({ code: 'HANDLER_FAILED' }))
    expect(() => encodeJson(undefined)).toThrow(expect.objectContaining({ code: 'HANDLER_FAILED' }))
  })

  test('any value comes back exact', () => {
    const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    const exact = long.map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value))
    const double = fc.double({ noNaN: true, noDefaultInfinity: true })
    // A double is written with all its digits; from 2^53 on it comes back as the integer that it is.
    const leaf = fc.oneof(
      exact,
      double.filter((value) => !Number.isInteger(value)),
      fc.string(),
      fc.boolean()
    )
    const value = fc.oneof(leaf, fc.array(leaf), fc.dictionary(fc.string(), fc.array(leaf)))
    fc.assert(
      fc.property(value, (one) => {
        expect(parseJson(stringifyJson(one))).toEqual(one)
      })
    )
  })
})

test('an id as text', () => {
  expect([idText(2982177112815010003n), idText(Number.MAX_SAFE_INTEGER), idText(-5)]).toEqual([
    '2982177112815010003',
    '9007199254740991',
    '-5'
  ])
})
