import fc from 'fast-check'
import { expect, test } from 'vitest'
import { payloadText, type TextStyle, untagged } from '../../src/codecs/payload-text.ts'
import { parseJson } from '../../src/codecs/json-text.ts'

const plain: TextStyle = { bytes: 'base64', exact: false, strict: false, pretty: false }

const payload = {
  candid: 2982177112815010003n,
  drb: Number.NaN,
  far: [Number.NEGATIVE_INFINITY, -0, 1e21, 2 ** 60, 9007199254740991],
  stamp: new Uint8Array([0, 1, 254, 255]).subarray(1),
  list: [Buffer.from([255]), undefined],
  at: new Date('2025-03-02T04:15:03.004Z'),
  none: {},
  absent: undefined
}

test('ids keep their digits, NaN is the word, and a double is no integer of 64 bits', () => {
  expect(payloadText(payload, plain)).toBe(
    '{"candid":2982177112815010003,"drb":NaN,"far":[-Infinity,-0,1e+21,1.152921504606847e+18,9007199254740991],' +
      '"stamp":"Af7/","list":["/w==",null],"at":"2025-03-02T04:15:03.004Z","none":{}}'
  )
})

test.each([
  ['length', '{"stamp":"3 bytes","list":["1 bytes",null]}'],
  ['skip', '{"list":[null,null]}']
] as const)('bytes as %s', (bytes, text) => {
  const { stamp, list } = payload
  expect(payloadText({ stamp, list }, { ...plain, bytes })).toBe(text)
})

test('strictly it is JSON for everybody', () => {
  expect(JSON.parse(payloadText(payload, { ...plain, strict: true }))).toMatchObject({
    drb: null,
    far: [null, -0, 1e21, 2 ** 60, 9007199254740991]
  })
})

test('pretty is what JSON.stringify makes of the same', () => {
  const value = { a: [1, { b: 'x' }], c: {}, d: [], e: null }
  expect(payloadText(value, { ...plain, pretty: true })).toBe(JSON.stringify(value, undefined, 2))
})

test('any value comes back the same from its exact text', () => {
  const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
  const exact = long.map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value))
  const bytes = fc.uint8Array().map((value) => Buffer.from(value))
  const leaf = fc.oneof(
    exact,
    fc.double(),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    bytes,
    fc.date({ noInvalidDate: true })
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie('value')),
      fc.dictionary(fc.string(), tie('value'), { noNullPrototype: true })
    )
  }))
  fc.assert(
    fc.property(value, fc.boolean(), (one, pretty) => {
      expect(untagged(parseJson(payloadText(one, { ...plain, exact: true, pretty })))).toStrictEqual(one)
    })
  )
})

test.each(['{"$bytes":"AA"}', '{"$bytes":5}', '{"$date":"soon"}'])('%s is refused', (text) => {
  expect(() => untagged(parseJson(text))).toThrow(SyntaxError)
})

test.each(['{"$bytes":"AA==","other":1}', '{"a":"$bytes"}'])('%s is a value like any other', (text) => {
  expect(untagged(parseJson(text))).toStrictEqual(JSON.parse(text))
})
