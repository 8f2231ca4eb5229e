import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { MakeCodec } from '../../src/contract/codec.ts'
import { encodeJson } from '../../src/codecs/json.ts'
import { parseJson, stringifyJson } from '../../src/codecs/json-text.ts'
import { idText } from '../../src/codecs/long.ts'
import { codec } from '../../src/codecs/option.ts'
import { RecordingLog } from '../contract/log.ts'
import { messageOf } from './message.ts'

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
    ['{"candid": "id 2982177112815010003", "n": -0}', { candid: 'id 2982177112815010003', n: -0 }],
    [
      '{"2":9007199254740993,"1":9007199254740992,"text":"[9007199254740993, \\"9007199254740993,"}',
      { 1: 9007199254740992n, 2: 9007199254740993n, text: '[9007199254740993, "9007199254740993,' }
    ],
    ['{"a":9007199254740993,"a":1}', { a: 1 }],
    ['["é𝄞\\\\",9007199254740993 , -9007199254740993\n]', ['é𝄞\\', 9007199254740993n, -9007199254740993n]]
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
    '{NaN:1}',
    '{"a":1,9007199254740993 :1}',
    '[00000000000000000123, NaN]',
    '[9007199254740993 "a"]',
    '["a"9007199254740993]',
    '[9007199254740993a]',
    '[1.9007199254740993.1,NaN]',
    '[1,]'
  ])('refuses %s', (text) => expect(() => parseJson(text)).toThrow(SyntaxError))

  test('what is wrong is said by its place in the text', () => {
    expect(() => parseJson('[9007199254740993, 1, x]')).toThrow(/Unexpected token 'x'.*40993, 1, x/)
  })

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

describe('reading JSON within bounds', () => {
  const nested = (depth: number, inside = '1') => `${'['.repeat(depth)}${inside}${']'.repeat(depth)}`
  const bounds = { depth: 5, values: 20 }

  test.each(['1', '9007199254740993', 'NaN', '"[[[[[[[[[[{{{"'])('levels are counted: %s', (inside) => {
    expect(() => parseJson(nested(5, inside), bounds)).not.toThrow()
    expect(() => parseJson(nested(6, inside), bounds)).toThrow('it nests deeper than 5 (MAX_DEPTH)')
    expect(() => parseJson(nested(6, inside).replaceAll('[', '{"a":').replaceAll(']', '}'), bounds)).toThrow(
      /MAX_DEPTH/
    )
  })

  test.each([
    ['numbers', `[${Array(19).fill('12345').join()}]`],
    ['ids', `[${Array(19).fill('9007199254740993').join()}]`],
    ['texts', `[${Array(19).fill('"a text"').join()}]`],
    ['fields', `{${Array.from({ length: 19 }, (_, index) => `"name${index}":true`).join()}}`],
    ['lists', `[${Array(19).fill('[]').join()}]`]
  ])('values are counted: %s', (_title, text) => {
    expect(() => parseJson(text, bounds)).not.toThrow()
    expect(() => parseJson(text, { ...bounds, values: 19 })).toThrow('it holds more than 19 values (MAX_VALUES)')
  })

  test('bounds of the codec are DECODE_FAILED', () => {
    const made = (codec('').read({ NAME: 'json', MAX_BYTES: 12, MAX_DEPTH: 2 }) as { value: MakeCodec }).value
    const json = made({ log: new RecordingLog(), baseDir: '.', stateDir: '.' })
    expect(json.decode(messageOf('[[123456789]'.replace('9]', ']]')))).toEqual([[12345678]])
    for (const text of ['[[1234567890]]', '[[[1]]]']) {
      expect(() => json.decode(messageOf(text))).toThrow(expect.objectContaining({ code: 'DECODE_FAILED' }))
    }
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

test('a double beyond the safe integers comes back as a double, an id as an id', () => {
  const value = { flux: 1.2345678901234568e20, small: -9007199254740994, id: 9007199254740993n, day: 2460736.5 }
  expect(stringifyJson(value)).toBe(
    '{"flux":1.2345678901234568e+20,"small":-9.007199254740994e+15,"id":9007199254740993,"day":2460736.5}'
  )
  expect(parseJson(stringifyJson(value))).toEqual(value)
})
