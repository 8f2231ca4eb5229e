import { tmpdir } from 'node:os'
import { describe, expect, test } from 'vitest'
import { HopCodec, hopMessageId } from '../../src/codecs/hop.ts'
import { codecOf } from '../../src/codecs/usual.ts'
import type { Encoded } from '../../src/contract/codec.ts'
import type { Logger } from '../../src/contract/log.ts'
import { fallbacksOf } from '../../src/contract/options.ts'
import { messageOf } from './message.ts'

const usual = fallbacksOf(HopCodec.fields)
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent }
const setup = { log: silent, baseDir: process.cwd(), stateDir: tmpdir() }
const hop = codecOf('hop')
type Format = ConstructorParameters<typeof HopCodec>[0]['FORMAT']
const writing = (FORMAT: Format) => new HopCodec({ ...usual, FORMAT }, setup)
const textOf = ({ bytes }: Encoded) => Buffer.from(bytes).toString()
const readBack = (encoded: Encoded) => hop.decode({ ...messageOf(''), ...encoded })
const labelOf = ({ headers }: Encoded) => String(headers.find(([name]) => name === '_format')?.[1])

describe('the headers of what hop writes', () => {
  test('are those of hop-client, in its order', () => {
    const credentials = { username: 'alice-1a2b3c4d', password: 'x', mechanism: 'SCRAM-SHA-512' }
    const codec = new HopCodec({ ...usual, TEST: true }, { ...setup, credentials })
    const { headers } = codec.encode(1)
    expect(headers.map(([name]) => name)).toEqual(['_id', '_sender', '_test', '_format'])
    expect(headers.slice(1).map(([, value]) => String(value))).toEqual(['alice-1a2b3c4d', 'true', 'json'])
  })

  test('are an id and a label where nobody is named and nothing is a test', () => {
    expect(hop.encode(1).headers.map(([name]) => name)).toEqual(['_id', '_format'])
  })

  test('name each message by a version-4 UUID of its own', () => {
    const ids = Array.from({ length: 10 }, () => hopMessageId(hop.encode(1).headers))
    expect(new Set(ids).size).toBe(10)
    for (const id of ids) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  })
})

describe('hop writes', () => {
  test.each([
    [{ candid: 472263571115115000n, é: [1.5, null] }, '{"candid":472263571115115000,"é":[1.5,null]}'],
    ['text', '"text"'],
    [Number.NaN, 'null']
  ])('%o as JSON', (value, text) => {
    const encoded = hop.encode(value)
    expect([textOf(encoded), labelOf(encoded)]).toEqual([text, 'json'])
  })

  test('bytes as a blob', () => {
    const encoded = hop.encode(Buffer.from([1, 255]))
    expect([encoded.bytes, labelOf(encoded)]).toEqual([Buffer.from([1, 255]), 'blob'])
  })

  test('text as a blob where that is asked for', () => {
    expect(readBack(writing('blob').encode('é'))).toEqual(Buffer.from('é'))
  })

  test('a circular', () => {
    const circular = { header: { title: 'GCN CIRCULAR', number: '40' }, body: 'Text' }
    const encoded = writing('circular').encode(circular)
    expect([labelOf(encoded), readBack(encoded)]).toEqual(['circular', circular])
  })

  test('a text notice from its fields or its text', () => {
    const encoded = writing('gcntextnotice').encode({ title: 'GCN NOTICE', comments: 'one\ntwo: x' })
    expect([labelOf(encoded), readBack(encoded)]).toEqual([
      'gcntextnotice',
      { title: 'GCN NOTICE', comments: 'one\ntwo: x' }
    ])
    expect(textOf(writing('gcntextnotice').encode('TITLE: x'))).toBe('TITLE: x')
  })

  test('an Avro container, 64-bit ids and bytes exact', () => {
    const value = { candid: 472263571115115000n, skymap: Uint8Array.of(0, 255), flags: [true], nothing: null }
    const encoded = writing('avro').encode(value)
    expect([labelOf(encoded), readBack(encoded)]).toEqual(['avro', value])
  })

  test('a VOEvent from a record or its XML', () => {
    const event = { ivorn: 'ivo://a/b#c', role: 'test', version: '2.0', Who: { Date: '2024-01-01T00:00:00' } }
    const encoded = writing('voevent').encode(event)
    expect([labelOf(encoded), readBack(encoded)]).toEqual(['voevent', event])
    expect(readBack(writing('voevent').encode(textOf(encoded)))).toEqual(event)
  })

  test.each([
    ['blob', { a: 1 }],
    ['circular', { header: { number: 40 }, body: 'x' }],
    ['circular', { header: {}, body: 'x', more: 1 }],
    ['circular', 'text'],
    ['voevent', { Who: {} }],
    ['voevent', '<VOEvent ivorn="a"/>'],
    ['voevent', 5],
    ['gcntextnotice', { 'a:b': 'c' }],
    ['gcntextnotice', { a: {} }],
    ['gcntextnotice', Buffer.from([0xff])],
    ['gcntextnotice', 5],
    ['json', () => 1]
  ] as const)('as %s, nothing of %o', (format, value) => {
    expect(() => writing(format).encode(value)).toThrow(expect.objectContaining({ code: 'HANDLER_FAILED' }))
  })
})
