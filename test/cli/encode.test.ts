import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { messageOf } from '../../src/archive/message-line.ts'
import { encode } from '../../src/cli/encode.ts'
import { payloadText } from '../../src/codecs/payload-text.ts'
import type { CodecName } from '../../src/codecs/index.ts'
import { lsstAlert } from '../codecs/lsst-sample.ts'
import { alertstreams, Folder } from './program.ts'

const notice = { id: 472263571115115000n, far: 1.5e-9, list: [true, null, 'é'], nested: { n: -1 } }
const json = [notice, [], 'text', 1.5, null]
const bytes = Buffer.from([0, 255, 128])
const voevent = {
  ivorn: 'ivo://a/b#c',
  role: 'test',
  version: '2.0',
  What: { Param: [{ name: 'far', value: '1e-9' }, { name: 'é' }] }
}
const locus = { id: 'ANT2020', at: new Date(0), none: null, count: 472263571115115000n, list: [1.5, [-5e9]] }

const schemas = mkdtempSync(join(tmpdir(), 'alertstreams-schemas-'))
afterAll(() => rmSync(schemas, { recursive: true }))
const schema = join(schemas, 'alert.avsc')
const fields = [
  { name: 'id', type: 'long' },
  { name: 'magpsf', type: ['null', 'float'] }
]
writeFileSync(schema, JSON.stringify({ type: 'record', name: 'alert', fields }))
const LSST = 1101

/** What is written by which `--codec`; nothing at all for a codec that can only read. One that is not here does not compile. */
const written: Readonly<Record<CodecName, Readonly<Record<string, readonly unknown[]>>>> = {
  json: { json },
  avro: { avro: [...json, { cutout: bytes, longs: [1, 2n ** 62n] }] },
  confluent: { [`{NAME: confluent, SCHEMA_ID: ${LSST}}`]: [lsstAlert(LSST).value] },
  'avro-key': { [`{NAME: avro-key, SCHEMA: ${schema}}`]: [{ id: 472263571115115000n, magpsf: 15.5 }] },
  hop: {
    hop: [...json, bytes],
    '{NAME: hop, FORMAT: avro}': [notice, [notice, notice]],
    '{NAME: hop, FORMAT: voevent}': [voevent],
    '{NAME: hop, FORMAT: gcntextnotice}': [{ title: 'GCN NOTICE', src_ra: '103.78d {+06h} (J2000)' }],
    '{NAME: hop, FORMAT: circular}': [{ header: { title: 'GCN CIRCULAR', number: '40' }, body: 'Text' }],
    '{NAME: hop, FORMAT: blob}': [bytes]
  },
  gcn: { gcn: json },
  auto: { auto: json },
  antares: { antares: [locus] },
  gzip: { gzip: json },
  bytes: { bytes: [bytes] }
}
const readOnly = Object.entries(written).flatMap(([name, settings]) => (Object.keys(settings).length > 0 ? [] : [name]))

const text = (value: unknown) => payloadText(value, { bytes: 'base64', exact: true, strict: false, pretty: false })

const ways = Object.values(written).flatMap((settings) => Object.entries(settings))

test.for(ways)('%s: messages come back as they were', ([setting, values]) => {
  const lines = values.map(text)
  const encoded = alertstreams(['encode', '--codec', setting, '--messages'], `${lines.join('\n')}\n`)
  expect([encoded.code, encoded.errors]).toEqual([0, ''])
  const decoded = alertstreams(['decode', '-', '--codec', setting, '--exact'], encoded.out)
  expect(decoded.code, decoded.errors).toBe(0)
  expect(decoded.lines).toEqual(lines)
})

test.for(readOnly)('%s: that it cannot write is said', (name) => {
  const { code, errors } = alertstreams(['encode', '--codec', name], '{"a":1}\n')
  expect(code).toBe(1)
  expect(errors).toMatch(/^alertstreams encode: standard input, line 1: The value can't be written as/)
})

const packets = join(import.meta.dirname, '../../../shared/data/ztf')

test.skipIf(!existsSync(packets))('the ZTF packets of ../shared/data/ztf come back as they were, cut-outs too', () => {
  const files = readdirSync(packets).map((name) => join(packets, name))
  const decoded = alertstreams(['decode', '--exact', ...files])
  expect(decoded.lines).toHaveLength(files.length)
  for (const line of decoded.lines) {
    const container = alertstreams(['encode', '--codec', 'avro'], `${line}\n`).out
    expect(alertstreams(['decode', '--exact', '-'], container).lines).toEqual([line])
  }
})

test('a file for each line, which decode reads', () => {
  using folder = new Folder()
  writeFileSync(folder.file('in'), '{"id":9007199254740993}\n\n[1]\n')
  const { code, errors } = alertstreams(['encode', 'in', '--codec', 'hop', '--out', 'out'], '', folder.path)
  expect([code, errors]).toEqual([0, expect.stringMatching(/headers and key are not in the bytes/)])
  expect(readdirSync(folder.file('out')).toSorted()).toEqual(['1.json', '3.json'])
  expect(readFileSync(folder.file('out/1.json'), 'utf8')).toBe('{"id":9007199254740993}')
  expect(alertstreams(['decode', 'out/1.json', 'out/3.json'], '', folder.path).lines).toEqual([
    '{"id":9007199254740993}',
    '[1]'
  ])
})

test('one line is its bytes on standard output, and nothing else', () => {
  const { out, code } = alertstreams(['encode', '--codec', 'bytes'], `${text(bytes)}\n`)
  expect([code, out]).toEqual([0, bytes])
  const two = alertstreams(['encode', '--codec', 'json'], '1\n2\n')
  expect([two.code, two.errors]).toEqual([2, expect.stringMatching(/--out DIR, or --messages/)])
})

test('a message has the headers and the key that were given, before those of the format', () => {
  const args = ['encode', '--codec', 'hop', '--messages', '--header', 'a=b', '--key', 'k', '--topic', 't']
  const { lines } = alertstreams(args, '{}\n')
  const { topic, key, headers, bytes } = messageOf(lines[0]!, { id: '', topic: '' })
  const named = headers.map(([name, value]) => [name, String(value)]).filter(([name]) => name !== '_id')
  expect({ topic, key: String(key), named, bytes: String(bytes) }).toEqual({
    topic: 't',
    key: 'k',
    named: [
      ['a', 'b'],
      ['_format', 'json']
    ],
    bytes: '{}'
  })
})

test('a key is a file or text, however long', () => {
  using folder = new Folder()
  writeFileSync(folder.file('schema'), '"long"')
  const keyOf = (key: string) => {
    const { lines } = alertstreams(['encode', '--codec', 'json', '--messages', '--key', key], '1\n', folder.path)
    return String(messageOf(lines[0]!, { id: '', topic: '' }).key)
  }
  expect(keyOf('schema')).toBe('"long"')
  for (const text of ['.', 'x'.repeat(5000)]) expect(keyOf(text)).toBe(text)
})

test('a line that is none is named, and the others are written', () => {
  const { code, lines, errors } = alertstreams(['encode', '--codec', 'json', '--messages'], '1\n{\n3\n')
  expect([code, lines.length]).toEqual([1, 2])
  expect(errors).toMatch(/^alertstreams encode: standard input, line 2: it is no JSON value/)
})

test('a command line that makes no sense is refused', async () => {
  await expect(encode([])).rejects.toThrow(/--codec/)
  await expect(encode(['a', 'b', '--codec', 'json'])).rejects.toThrow(/one FILE only/)
  await expect(encode(['--codec', 'json', '--messages', '--out', 'x'])).rejects.toThrow(/do not go together/)
})
