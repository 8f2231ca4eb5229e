import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Headers } from '../../src/contract/alert.ts'
import { type Content, toPubsub } from '../../src/google/outgoing.ts'

const NOT_TEXT = Buffer.from([0xff, 0, 0xfe])
const text = (value: string) => Buffer.from(value)

function made(content: Partial<Content>, ordered = false) {
  return toPubsub({ bytes: text('x'), key: null, headers: [], facts: [], ...content }, ordered)
}

const attributes = (headers: Headers) => made({ headers }).message.attributes

/** Texts that hold a rule's own suffixes and the names that nobody may use, and long ones now and then. */
const names = fc.oneof(
  fc.constantFrom('a', 'b', 'a.2', 'a.base64', 'a.base64.2', 'a.null', '', '_', 'google', 'Goog', '__proto__', 'ß'),
  fc.string({ unit: 'binary', maxLength: 12 })
)
const values = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 8 }),
  fc.string({ maxLength: 8 }).map(text),
  fc.integer({ min: 1000, max: 5000 }).map((length) => Buffer.alloc(length, 'long '))
)

test('a text stays as it is', () => {
  const headers: Headers = [
    ['_format', text('json')],
    ['größe', text('ß')],
    ['empty', text('')]
  ]
  expect(attributes(headers)).toEqual({ _format: 'json', größe: 'ß', empty: '' })
})

test('a name that is there already gets a number', () => {
  const headers: Headers = [
    ['a', text('1')],
    ['a.2', text('own')],
    ['a', text('2')],
    ['a', text('3')]
  ]
  expect(attributes(headers)).toEqual({ a: '1', 'a.2': 'own', 'a.3': '2', 'a.4': '3' })
  expect(
    attributes([
      ['a', NOT_TEXT],
      ['a', text('2')]
    ])
  ).toEqual({ 'a.base64': '/wD+', 'a.2': '2' })
})

test('bytes that are no text are base64, null is told apart from empty', () => {
  expect(
    attributes([
      ['_id', NOT_TEXT],
      ['none', null]
    ])
  ).toEqual({ '_id.base64': '/wD+', 'none.null': '' })
})

test('what is longer than an attribute goes on in others', () => {
  const schema = 'é'.repeat(1500)
  const parts = attributes([['schema', text(schema)]])
  expect(Object.keys(parts)).toEqual(['schema.base64', 'schema.base64.2', 'schema.base64.3', 'schema.base64.4'])
  expect(Buffer.from(Object.values(parts).join(''), 'base64').toString()).toBe(schema)
  expect(attributes([['fits', text('é'.repeat(512))]])).toEqual({ fits: 'é'.repeat(512) })
})

test('names that Google or JavaScript keep for themselves, and the empty one, get an underscore', () => {
  const headers: Headers = [
    ['googclient_x', text('1')],
    ['', text('2')],
    ['__proto__', text('3')]
  ]
  expect(attributes(headers)).toEqual({ _googclient_x: '1', _: '2', ___proto__: '3' })
})

test('no header is lost, and nothing is beyond the limits', () => {
  const headers = fc.array(fc.tuple(names, values), { maxLength: 12 })
  fc.assert(
    fc.property(headers, (given) => {
      const found = attributes(given)
      for (const [name, value] of Object.entries(found)) {
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(256)
        expect(Buffer.byteLength(value)).toBeLessThanOrEqual(1024)
        expect(name).not.toMatch(/^(goog.*|__proto__|)$/i)
      }
      const wanted = given.map(([, value]) => value)
      const nulls = Object.keys(found).filter((name) => /\.null(\.\d+)?$/.test(name) || found[name] === '').length
      expect(nulls).toBeGreaterThanOrEqual(wanted.filter((value) => value === null).length)
      const held = Object.values(found).join('\n')
      for (const value of wanted) {
        if (value === null) continue
        const plain = value.length <= 1024 && isUtf8(value)
        const piece = Buffer.from(value).toString(plain ? 'utf8' : 'base64')
        for (let at = 0; at < piece.length; at += 1024) {
          expect(held).toContain(plain ? piece : piece.slice(at, at + 1024))
        }
      }
      expect(Object.keys(found).length).toBe(wanted.reduce((sum, value) => sum + attributesFor(value), 0))
    })
  )
})

/** How many attributes one value takes: each header has its own, so that none replaces another. */
function attributesFor(value: Uint8Array | null): number {
  if (value === null || (value.length <= 1024 && isUtf8(value))) return 1
  return Math.ceil((4 * Math.ceil(value.length / 3)) / 1024)
}

test('what no attribute can hold is refused', () => {
  const many: Headers = Array.from({ length: 101 }, (_, n) => [`h${n}`, text('')])
  for (const headers of [
    many,
    [['n'.repeat(257), text('')]] as Headers,
    [['a', Buffer.alloc(80_000, 0xff)]] as Headers
  ]) {
    expect(() => made({ headers })).toThrow(expect.objectContaining({ code: 'SINK_REJECTED' }))
  }
  expect(Object.keys(attributes(many.slice(1)))).toHaveLength(100)
})

test('the key is an attribute, or the ordering key', () => {
  expect(made({ key: text('ZTF1') }).message).toMatchObject({
    orderingKey: '',
    attributes: { 'alertstreams-key': 'ZTF1' }
  })
  expect(made({ key: text('ZTF1') }, true).message).toMatchObject({ orderingKey: 'ZTF1', attributes: {} })
  expect(made({ key: null }, true).message).toMatchObject({ orderingKey: '', attributes: {} })
  expect(made({ key: text('') }, true).message).toMatchObject({
    orderingKey: '',
    attributes: { 'alertstreams-key': '' }
  })
})

test.each([
  ['no text', NOT_TEXT],
  ['too long', Buffer.alloc(1025, 'k')]
])('an ordering key that is %s is stood for by its SHA-256', (_, key) => {
  const { orderingKey, attributes } = made({ key }, true).message
  expect(orderingKey).toBe(createHash('sha256').update(key).digest('hex'))
  const pieces = Object.entries(attributes).filter(([name]) => name.startsWith('alertstreams-key.base64'))
  expect(Buffer.from(pieces.map(([, piece]) => piece).join(''), 'base64')).toEqual(key)
})

test('an empty value and a tombstone are told apart, and are no empty message', () => {
  expect(made({ bytes: text('') }).message.attributes).toEqual({ 'alertstreams-value': 'empty' })
  expect(made({ bytes: null }).message.attributes).toEqual({ 'alertstreams-value': 'null' })
})

test('what is said of a dead letter is cut, and gives way to the original', () => {
  const facts: Headers = ['code', 'stream', 'topic', 'reason', 'stack'].map((name) => [name, text('é'.repeat(800))])
  const roomy = made({ headers: [['own', text('1')]], facts }).message.attributes
  expect(Object.keys(roomy)).toEqual(['own', 'code', 'stream', 'topic', 'reason', 'stack'])
  expect(roomy.code).toBe('é'.repeat(512))
  const own: Headers = Array.from({ length: 97 }, (_, n) => [`h${n}`, text(`${n}`)])
  const full = made({ headers: own, facts }).message.attributes
  expect(Object.keys(full).slice(97)).toEqual(['code', 'stream', 'topic'])
  expect(() => made({ headers: [...own, ['one', text('')]], facts })).toThrow(/no room for why/)
  const large = made({ bytes: Buffer.alloc(9_995_000), facts })
  expect(Object.keys(large.message.attributes)).toEqual(['code', 'stream', 'topic', 'reason'])
})
