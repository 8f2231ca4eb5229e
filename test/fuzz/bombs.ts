import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import type { CodecName } from '../../src/codecs/index.ts'
import { usualLimits } from '../../src/codecs/limits.ts'
import type { Message } from '../../src/contract/alert.ts'
import { messageOf } from '../codecs/message.ts'

export interface Bomb {
  readonly title: string
  /** Made when it is its turn: together they would fill the memory. */
  readonly message: () => Message
}

type Made = () => Buffer | string

const { values: VALUES, depth: DEPTH, bytes: BYTES } = usualLimits
const list = (item: string, count: number) => `[${Array<string>(count).fill(item).join()}]`
const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth)

/** Just within the bounds, or far beyond them. */
const json: Record<string, Made> = {
  'lists, as deep as allowed': () => nested('[', ']', DEPTH),
  'a million lists': () => nested('[', ']', 1_000_000),
  'a million open lists': () => '['.repeat(1_000_000),
  'a million records': () => nested('{"a":', '}', 1_000_000),
  'as many records as allowed': () => list('{}', VALUES - 1),
  'as many ids as allowed': () => list('1234567890123456789', VALUES - 1),
  'as many NaN as allowed': () => list('NaN', VALUES - 1),
  'as many fields as allowed': () => `{${Array.from({ length: VALUES - 1 }, (_, i) => `"f${i}":1`).join()}}`,
  'fields and an id': () =>
    `{${Array.from({ length: VALUES - 2 }, (_, i) => `"f${i}":1`).join()},"id":1234567890123456789}`,
  'two million numbers': () => list('1', 2_000_000),
  'two million lists': () => list('[]', 2_000_000),
  'texts up to the most bytes': () => list(`"${'x'.repeat(60)}"`, Math.floor(BYTES / 63) - 1),
  'one text of the most bytes': () => `"${'x'.repeat(BYTES - 2)}"`,
  'one text that is not Latin': () => `"☃${'x'.repeat(BYTES - 8)}"`,
  'a text of escapes': () => `"${'\\u0041'.repeat(1_000_000)}"`,
  'a million digits': () => '9'.repeat(1_000_000),
  'a million digits beside NaN': () => `[NaN,0.${'9'.repeat(1_000_000)}]`,
  'quotes without an end': () => `[NaN,"${'\\"'.repeat(1_000_000)}`,
  'a million colons': () => `[NaN${':'.repeat(1_000_000)}`,
  'a million backslashes': () => `["1234567890123456789${'\\'.repeat(1_000_000)}"`
}

const zeros: Record<string, () => Buffer> = {
  '100 MB of zeros': () => Buffer.alloc(100_000_000),
  'the most bytes of zeros': () => Buffer.alloc(BYTES)
}

/** A document of one field. */
const bson = (type: number, value: Buffer) => {
  const length = Buffer.alloc(4)
  length.writeInt32LE(value.length + 8)
  return Buffer.concat([length, Buffer.of(type, 0x61, 0), value, Buffer.of(0)])
}
const emptyBson = Buffer.from('0500000000', 'hex')
const bsonItems = (item: Buffer, count: number) => {
  const length = Buffer.alloc(4)
  length.writeInt32LE(item.length * count + 5)
  return bson(0x04, Buffer.concat([length, ...Array<Buffer>(count).fill(item), Buffer.of(0)]))
}
const nestedBson = (depth: number) => {
  const heads = Array.from({ length: depth }, (_, level) => {
    const head = Buffer.alloc(7)
    head.writeInt32LE((depth - level) * 8 + 5)
    return head.fill(Buffer.of(3, 0x61, 0), 4)
  })
  return Buffer.concat([...heads, emptyBson, Buffer.alloc(depth)])
}

const bsons: Record<string, () => Buffer> = {
  'as deep as allowed': () => nestedBson(DEPTH - 1),
  'a million documents deep': () => nestedBson(1_000_000),
  'as many nulls as allowed': () => bsonItems(Buffer.of(0x0a, 0), VALUES - 1),
  'as many documents as allowed': () => bsonItems(Buffer.concat([Buffer.of(3, 0), emptyBson]), VALUES - 1),
  'five million nulls': () => bsonItems(Buffer.of(0x0a, 0), 5_000_000),
  'a text of 2 GB': () => bson(0x02, Buffer.from('ffffff7f6100', 'hex')),
  'bytes of 2 GB': () => bson(0x05, Buffer.from('ffffff7f0061', 'hex'))
}

/** An Avro container of one block; `count` and `block` are as written. */
function container(schema: unknown, count: string, block: Buffer, codec = 'null'): Buffer {
  const text = Buffer.from(JSON.stringify(schema))
  const sync = Buffer.alloc(16, 7)
  const metadata = Buffer.concat([
    varint(2),
    bytes('avro.codec'),
    bytes(codec),
    bytes('avro.schema'),
    bytes(text),
    varint(0)
  ])
  return Buffer.concat([Buffer.from('Obj\x01'), metadata, sync, Buffer.from(count, 'hex'), bytes(block), sync])
}

function varint(value: number): Buffer {
  const parts: number[] = []
  let left = value * 2
  for (; left >= 0x80; left = Math.floor(left / 0x80)) parts.push((left % 0x80) | 0x80)
  return Buffer.from([...parts, left])
}

function bytes(value: string | Buffer): Buffer {
  const content = Buffer.from(value)
  return Buffer.concat([varint(content.length), content])
}

const record = (type: unknown) => ({ type: 'record', name: 'r', fields: [{ name: 'f', type }] })
const tree = { type: 'record', name: 't', fields: [{ name: 'next', type: ['null', 't'] }] }
const nestedSchema = (depth: number): unknown =>
  depth === 0 ? 'int' : { type: 'array', items: nestedSchema(depth - 1) }
const doubling = (depth: number) => {
  const fields = (name: string, type: unknown) => [
    { name: `a${name}`, type },
    { name: `b${name}`, type: typeof type === 'string' ? type : (type as { name: string }).name }
  ]
  let inner: unknown = 'int'
  for (let level = 0; level < depth; level++)
    inner = { type: 'record', name: `r${level}`, fields: fields(String(level), inner) }
  return inner
}

const avro: Record<string, Made> = {
  'a block of 2^62 records': () => container(record('null'), 'ffffffffffffffff7f', Buffer.alloc(0)),
  'a list of 2^40 nulls': () =>
    container(record({ type: 'array', items: 'null' }), '02', Buffer.from('8080808080804000', 'hex')),
  'a list of a billion nulls': () =>
    container(record({ type: 'array', items: 'null' }), '02', Buffer.from('80a8d6b90700', 'hex')),
  'a list of a billion empty records': () =>
    container(
      record({ type: 'array', items: { type: 'record', name: 'e', fields: [] } }),
      '02',
      Buffer.from('80a8d6b90700', 'hex')
    ),
  'a list of two million numbers': () =>
    container(
      record({ type: 'array', items: 'int' }),
      '02',
      Buffer.concat([varint(2_000_000), Buffer.alloc(2_000_001)])
    ),
  'a list of two million lists': () =>
    container(
      record({ type: 'array', items: { type: 'array', items: 'int' } }),
      '02',
      Buffer.concat([varint(2_000_000), Buffer.alloc(2_000_001)])
    ),
  'a map of two million fields': () =>
    container(
      record({ type: 'map', values: 'null' }),
      '02',
      Buffer.concat([varint(2_000_000), Buffer.alloc(2_000_001)])
    ),
  'a million records deep': () => container(tree, '02', Buffer.concat([Buffer.alloc(1_000_000, 2), Buffer.of(0)])),
  'a schema of ten thousand levels': () => container(record(nestedSchema(2000)), '02', Buffer.alloc(2001, 2)),
  'a schema that doubles 40 times': () => container(doubling(40), '02', Buffer.alloc(1000)),
  '100 MB of zeros, deflated': () =>
    container(record('bytes'), '02', deflateRawSync(Buffer.alloc(100_000_000), { level: 1 }), 'deflate'),
  'a thousand blocks of 10 MB, deflated': () => {
    const block = deflateRawSync(Buffer.concat([varint(10_000_000), Buffer.alloc(10_000_000)]), { level: 9 })
    const one = container(record('bytes'), '02', block, 'deflate')
    const start = one.length - 16 - block.length - varint(block.length).length - 1
    return Buffer.concat([one.subarray(0, start), ...Array<Buffer>(1000).fill(one.subarray(start))])
  }
}

const elements = (open: string, inside: string, close: string, count: number) =>
  `<v:VOEvent xmlns:v="http://www.ivoa.net/xml/VOEvent/v2.0" ivorn="ivo://a">${open.repeat(count)}${inside}${close.repeat(count)}</v:VOEvent>`
const laughs = Array.from({ length: 12 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('')
const xml: Record<string, Made> = {
  'half a million elements deep': () => elements('<a>', '', '</a>', 500_000),
  'a million elements': () => elements('<a/>', '', '', 1_000_000),
  'a million open elements': () => elements('<a>', '', '', 1_000_000),
  'two hundred thousand attributes': () =>
    elements(`<a ${Array.from({ length: 200_000 }, (_, i) => `a${i}="1"`).join(' ')}/>`, '', '', 1),
  'a billion laughs': () => `<!DOCTYPE v [<!ENTITY l0 "lol">${laughs}]><v ivorn="&l12;">&l12;</v>`,
  'a million references': () => elements('&lt;', '', '', 1_000_000),
  'a text of 8 MB': () => elements('x', '', '', 8_000_000)
}

const text: Record<string, Made> = {
  'a million lines': () => 'A: 1\n'.repeat(1_000_000),
  'a million names': () => Array.from({ length: 500_000 }, (_, i) => `N${i}: 1`).join('\n'),
  'a line of 8 MB': () => `TITLE: ${'x'.repeat(8_000_000)}`,
  'a million blank lines': () => `TITLE: x\n${' \n'.repeat(1_000_000)}`
}

function all(made: Record<string, Made>, wrap: (bytes: Buffer) => Message = messageOf): Bomb[] {
  const bytesOf = (one: Buffer | string) => (typeof one === 'string' ? Buffer.from(one) : one)
  return Object.entries(made).map(([title, make]) => ({ title, message: () => wrap(bytesOf(make())) }))
}

const labelled = (label: string) => (bytes: Buffer) => messageOf(bytes, { _format: label })
const under = (topic: string) => (bytes: Buffer) => ({ ...messageOf(bytes), topic })
const gzipped = (bytes: Buffer) => messageOf(gzipSync(bytes, { level: 1 }))
const zlibbed = (bytes: Buffer) => messageOf(deflateSync(bytes, { level: 1 }))
const keyed = (bytes: Buffer): Message => ({ ...messageOf(Buffer.alloc(1_000_000, 2)), key: bytes })
const schemas: Record<string, Made> = {
  ...json,
  'a schema of nested lists': () => JSON.stringify(record(nestedSchema(2000))),
  'a schema that doubles': () => JSON.stringify(doubling(40)),
  'a record in itself': () => JSON.stringify(tree),
  'a hundred thousand fields': () =>
    JSON.stringify({
      ...record('int'),
      fields: Array.from({ length: 100_000 }, (_, i) => ({ name: `f${i}`, type: 'int' }))
    })
}

/** A codec without an entry does not compile. */
export const bombs: Record<CodecName, readonly Bomb[]> = {
  json: all(json),
  avro: all(avro),
  confluent: all(schemas, (bytes) => messageOf(Buffer.concat([Buffer.from('0000000384', 'hex'), bytes]))),
  'avro-key': all(schemas, keyed),
  hop: [
    ...all(json),
    ...all(json, labelled('json')),
    ...all(json, labelled('circular')),
    ...all(avro, labelled('avro')),
    ...all(xml, labelled('voevent')),
    ...all(text, labelled('gcntextnotice'))
  ],
  gcn: [
    ...all(json, under('gcn.notices.icecube.lvk_nu_track_search')),
    ...all(json, under('igwn.gwalert')),
    ...all(xml, under('gcn.classic.voevent.FERMI_GBM_ALERT')),
    ...all(text, under('gcn.classic.text.FERMI_GBM_ALERT'))
  ],
  antares: [...all(zeros, zlibbed), ...all(bsons, zlibbed)],
  gzip: [...all(json, gzipped), ...all(zeros, gzipped), ...all(zeros, zlibbed)],
  auto: [...all(json), ...all(avro), ...all(bsons, zlibbed), ...all(json, gzipped), ...all(zeros, gzipped)],
  bytes: all(text)
}
