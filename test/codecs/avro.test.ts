import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { codecOf } from '../../src/codecs/usual.ts'
import { type CodecReport, onCodecReport } from '../../src/codecs/report.ts'
import type { Long } from '../../src/contract/alert.ts'
import { candidateContainer, candidateRecord } from './candidate.ts'
import { avscContainer, containerOf, lengthPrefixed, SYNC, zigZag } from './container.ts'
import { madeCodec } from './made.ts'
import { messageOf } from './message.ts'

const decode = (bytes: Uint8Array) => codecOf('avro').decode(messageOf(bytes))
const decodeOne = (schema: unknown, bytes: Uint8Array) => decode(containerOf(schema, [{ records: 1, bytes }]))
const failure = expect.objectContaining({ code: 'DECODE_FAILED' })

function reportsOf(subject: string | ((subject: string) => boolean)): readonly CodecReport[] {
  const reports: CodecReport[] = []
  onCodecReport((report) => reports.push(report))()
  return reports.filter((one) => (typeof subject === 'string' ? one.subject === subject : subject(one.subject)))
}

describe('Avro containers', () => {
  const schema =
    '{"type":"record","name":"r","fields":[{"name":"id","type":"long"},{"name":"mag","type":["null","float"]}]}'
  const block = { records: 1, bytes: Buffer.from('a6839caa9592e9e2520200007841', 'hex') }
  const value = { id: 2982177112815010003n, mag: 15.5 }

  test('byte by byte', () => {
    const head = '4f626a010414'
    const text = `${Buffer.from('avro.codec').toString('hex')}08${Buffer.from('null').toString('hex')}16${Buffer.from('avro.schema').toString('hex')}d401`
    const sync = '000102030405060708090a0b0c0d0e0f'
    const hex = `${head}${text}${Buffer.from(schema).toString('hex')}00${sync}021ca6839caa9592e9e2520200007841${sync}`
    expect(decode(Buffer.from(hex, 'hex'))).toStrictEqual(value)
  })

  test('no codec named means null', () => expect(decode(containerOf(schema, [block], undefined))).toEqual(value))

  test('metadata in blocks with a byte size', () => {
    const entry = Buffer.concat([lengthPrefixed(Buffer.from('avro.schema')), lengthPrefixed(Buffer.from(schema))])
    const other = Buffer.concat([lengthPrefixed(Buffer.from('writer')), lengthPrefixed(Buffer.from('test'))])
    const sized = (bytes: Buffer) => Buffer.concat([zigZag(-1), zigZag(bytes.length), bytes])
    const data = Buffer.concat([zigZag(1), lengthPrefixed(block.bytes), SYNC])
    const parts = [Buffer.from('Obj\x01'), sized(other), sized(entry), zigZag(0), SYNC, data]
    expect(decode(Buffer.concat(parts))).toEqual(value)
  })

  test('several records, in one block or more, are a list', () => {
    expect(decode(containerOf(schema, [block, { records: 0, bytes: Buffer.alloc(0) }, block]))).toEqual([value, value])
    expect(decode(candidateContainer('deflate', 3))).toEqual([candidateRecord, candidateRecord, candidateRecord])
  })

  test.each(['deflate', 'snappy', 'zstandard'])('compressed by %s', (codec) => {
    expect(decode(candidateContainer(codec, 3))).toEqual([candidateRecord, candidateRecord, candidateRecord])
    const one = { records: 1, bytes: lengthPrefixed(randomBytes(3000)) }
    const container = containerOf('"bytes"', [one, one, one], codec)
    expect(madeCodec('avro', { MAX_BYTES: 9100 }).decode(messageOf(container))).toHaveLength(3)
    expect(() => madeCodec('avro', { MAX_BYTES: 9000 }).decode(messageOf(container))).toThrow(failure)
    for (let flip = 1; flip < (codec === 'snappy' ? 150 : 16); flip++) {
      const damaged = Buffer.from(container)
      damaged[damaged.length - flip]! ^= 4
      expect(() => decode(damaged)).toThrow(failure)
    }
  })

  test.each([
    ['no record', containerOf(schema, [])],
    ['a codec that is not known', containerOf(schema, [block], 'bzip2')],
    ['bytes left over', containerOf(schema, [{ ...block, bytes: Buffer.concat([block.bytes, Buffer.alloc(1)]) }])],
    ['a block that is too short', containerOf(schema, [{ ...block, bytes: block.bytes.subarray(0, 12) }])],
    ['more records than there are', containerOf(schema, [{ ...block, records: 2 }])],
    ['a negative number of records', containerOf(schema, [{ ...block, records: -1 }])],
    ['a schema that is no JSON', containerOf('{', [block])],
    ['a schema that is no schema', containerOf('{"type": 5}', [block])],
    ['a type that is not defined', containerOf('"elsewhere.alert"', [block])],
    [
      'no deflate stream',
      Buffer.concat([containerOf(schema, [], 'deflate'), zigZag(1), lengthPrefixed(Buffer.from('junk')), SYNC])
    ],
    [
      'another sync marker',
      Buffer.concat([containerOf(schema, []), zigZag(1), lengthPrefixed(block.bytes), Buffer.alloc(16)])
    ],
    ['a registry frame', Buffer.from('000000044c', 'hex')],
    ['nothing', Buffer.alloc(0)]
  ])('%s is refused', (_title, bytes) => expect(() => decode(bytes)).toThrow(failure))
})

describe('Avro values', () => {
  const longs: [Long, Long][] = [
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 53n + 1n,
    -(2n ** 53n) + 1n,
    -(2n ** 53n),
    2n ** 63n - 1n,
    -(2n ** 63n)
  ]
    .concat([
      0n,
      -1n,
      63n,
      64n,
      -64n,
      -65n,
      2n ** 27n,
      2n ** 28n,
      2n ** 31n,
      2n ** 52n,
      -(2n ** 52n),
      2n ** 55n,
      2n ** 56n
    ])
    .map((long) => [long, Number.isSafeInteger(Number(long)) ? Number(long) : long])

  test.each(longs)('the long %s', (written, value) => {
    expect(decodeOne('"long"', zigZag(written))).toStrictEqual(value)
    expect(decodeOne({ type: 'long', logicalType: 'timestamp-micros' }, zigZag(written))).toStrictEqual(value)
  })

  test('branches of a union are told apart by their index alone', () => {
    const schema = ['int', 'long', 'float', 'double', 'string', 'null']
    const float = Buffer.alloc(4)
    float.writeFloatLE(15.5)
    expect(decodeOne(schema, Buffer.concat([zigZag(0), zigZag(7)]))).toBe(7)
    expect(decodeOne(schema, Buffer.concat([zigZag(1), zigZag(2n ** 60n)]))).toBe(2n ** 60n)
    expect(decodeOne(schema, Buffer.concat([zigZag(2), float]))).toBe(15.5)
    expect(decodeOne(schema, Buffer.concat([zigZag(4), lengthPrefixed(Buffer.from('é'))]))).toBe('é')
    expect(decodeOne(schema, zigZag(5))).toBe(null)
  })

  test('records and maps are plain objects, whatever their keys', () => {
    const fields = ['__proto__', 'constructor', 'a"b', 'a b'].map((name) => ({ name, type: 'string' }))
    const text = lengthPrefixed(Buffer.from('x'))
    const record = decodeOne({ type: 'record', name: 'r', fields }, Buffer.concat([text, text, text, text]))
    expect(Object.entries(record as object)).toEqual(fields.map(({ name }) => [name, 'x']))
    expect(Object.getPrototypeOf(record)).toBe(Object.prototype)
    const key = lengthPrefixed(Buffer.from('__proto__'))
    const map = decodeOne({ type: 'map', values: 'int' }, Buffer.concat([zigZag(1), key, zigZag(5), zigZag(0)]))
    expect(Object.entries(map as object)).toEqual([['__proto__', 5]])
  })

  test('array blocks with a byte size, a recursive record', () => {
    const node = {
      type: 'record',
      name: 'a.node',
      fields: [
        { name: 'id', type: 'int' },
        { name: 'next', type: ['null', 'node'] }
      ]
    }
    const list = Buffer.concat([1, 1, 2, 1, 3, 0].map(zigZag))
    expect(decodeOne(node, list)).toEqual({ id: 1, next: { id: 2, next: { id: 3, next: null } } })
    const blocks = Buffer.concat([-2, 2, 5, 6, 1, 7, 0].map(zigZag))
    expect(decodeOne({ type: 'array', items: 'int' }, blocks)).toEqual([5, 6, 7])
  })

  test('bytes are views of the message', () => {
    const bytes = containerOf('"bytes"', [{ records: 1, bytes: lengthPrefixed(Buffer.from('gzip')) }])
    expect(decode(bytes)).toEqual(new Uint8Array(Buffer.from('gzip')))
    expect((decode(bytes) as Uint8Array).buffer).toBe(bytes.buffer)
  })

  test.each([
    ['a branch that the union has not', ['null', 'int'], zigZag(2)],
    ['a negative branch', ['null', 'int'], zigZag(-1)],
    ['a symbol that the enum has not', { type: 'enum', name: 'e', symbols: ['t'] }, zigZag(1)],
    ['an int of 33 bits', 'int', zigZag(2n ** 31n)],
    ['a boolean of 2', 'boolean', Buffer.from([2])],
    ['a number that never ends', 'long', Buffer.alloc(11, 0xff)],
    ['a number of 65 bits', 'long', Buffer.from('ffffffffffffffffff02', 'hex')],
    ['a string that is not UTF-8', 'string', lengthPrefixed(Buffer.from([0xff]))],
    ['a length beyond the end', 'string', zigZag(2 ** 40)],
    ['a negative length', 'bytes', zigZag(-1)],
    ['2^40 nulls', { type: 'array', items: 'null' }, Buffer.concat([zigZag(2 ** 40), zigZag(0)])],
    ['2^62 ints', { type: 'array', items: 'int' }, Buffer.concat([zigZag(2n ** 62n), zigZag(0)])],
    ['2^40 keys', { type: 'map', values: 'null' }, Buffer.concat([zigZag(2 ** 40), zigZag(0)])],
    [
      'many blocks of nulls',
      { type: 'array', items: 'null' },
      Buffer.concat([...Array(50_000).fill(zigZag(5000)), zigZag(0)])
    ]
  ])('%s is refused', (_title, schema, bytes) => {
    const before = process.cpuUsage()
    expect(() => decodeOne(schema, bytes)).toThrow(failure)
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000)
  })

  test('a bomb of records without content, of deflate, of nesting', () => {
    expect(() => decode(containerOf('"null"', [{ records: 2 ** 40, bytes: Buffer.alloc(0) }]))).toThrow(failure)
    expect(() => decode(containerOf('"bytes"', [{ records: 1, bytes: Buffer.alloc(20 << 20) }], 'deflate'))).toThrow(
      failure
    )
    const deep = `${'{"type":"array","items":'.repeat(50_000)}"int"${'}'.repeat(50_000)}`
    expect(() => decode(containerOf(deep, [{ records: 1, bytes: Buffer.alloc(1) }]))).toThrow(failure)
    const node = { type: 'record', name: 'node', fields: [{ name: 'next', type: ['null', 'node'] }] }
    expect(() => decodeOne(node, Buffer.concat([Buffer.alloc(1_000_000, 2), zigZag(0)]))).toThrow(failure)
  })
})

describe('limits', () => {
  const decodeWithin = (options: Record<string, number>, schema: unknown, bytes: Uint8Array) =>
    madeCodec('avro', options).decode(messageOf(containerOf(schema, [{ records: 1, bytes }])))

  /** A tree of that many levels, each with a list of one. */
  const tree = { type: 'record', name: 'tree', fields: [{ name: 'below', type: { type: 'array', items: 'tree' } }] }
  const levels = (count: number) =>
    Buffer.concat([...Array(count - 1).fill(zigZag(1)), zigZag(0), ...Array(count - 1).fill(zigZag(0))])

  test('records within themselves nest as deep as MAX_DEPTH, all others too', () => {
    expect(decodeWithin({ MAX_DEPTH: 10 }, tree, levels(10))).toBeTypeOf('object')
    expect(() => decodeWithin({ MAX_DEPTH: 10 }, tree, levels(11))).toThrow(/nests deeper than MAX_DEPTH/)
    const pair = { ...tree, fields: [...tree.fields, { name: 'other', type: ['null', 'tree'] }] }
    const wide = (count: number) =>
      Buffer.concat([zigZag(count), ...Array(count).fill(Buffer.from([0, 0])), zigZag(0), zigZag(0)])
    expect(decodeWithin({ MAX_DEPTH: 3 }, pair, wide(50))).toBeTypeOf('object')
    const lists = { type: 'array', items: { type: 'array', items: { type: 'array', items: 'int' } } }
    expect(decodeWithin({ MAX_DEPTH: 4 }, lists, zigZag(0))).toEqual([])
    expect(() => decodeWithin({ MAX_DEPTH: 3 }, lists, zigZag(0))).toThrow(/nests 4 deep, and MAX_DEPTH is 3/)
  })

  test('values are counted, those of records within lists too', () => {
    const list = {
      type: 'array',
      items: { type: 'record', name: 'r', fields: ['a', 'b', 'c'].map((name) => ({ name, type: 'null' })) }
    }
    const items = (count: number) => Buffer.concat([zigZag(count), zigZag(0)])
    expect(decodeWithin({ MAX_VALUES: 401 }, list, items(100))).toHaveLength(100)
    expect(() => decodeWithin({ MAX_VALUES: 400 }, list, items(100))).toThrow(/more values than MAX_VALUES/)
    expect(() => decodeWithin({ MAX_VALUES: 8 }, tree, levels(9))).toThrow(/more values/)
    const nulls = containerOf('"null"', Array(50).fill({ records: 20_000, bytes: Buffer.alloc(0) }))
    expect(() => decode(nulls)).toThrow(/more values/)
  })

  const nested = (open: string, close: string) => `${open.repeat(100_000)}"int"${close.repeat(100_000)}`
  const doubling = Array.from({ length: 60 }, (_, level) => ({
    type: 'record',
    name: `level${level}`,
    fields: ['a', 'b'].map((name) => ({ name, type: level === 0 ? 'null' : `level${level - 1}` }))
  }))
  const chain = Array.from({ length: 4000 }, (_, level) => ({
    name: `f${level}`,
    type: { type: 'record', name: `r${level}`, fields: [{ name: 'x', type: level === 0 ? 'null' : `r${level - 1}` }] }
  }))
  const symbols = Array.from({ length: 20_000 }, (_, index) => `s${index}`)
  const enums = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      name: `f${index}`,
      type: index === 0 ? { type: 'enum', name: 'e', symbols } : 'e'
    }))

  test.each([
    ['nested lists', nested('[', ']')],
    ['nested types', nested('{"type":', '}')],
    ['nested arrays', nested('{"type":"array","items":', '}')],
    [
      '2^60 nulls by doubling',
      { type: 'record', name: 'all', fields: doubling.map((type, index) => ({ name: `f${index}`, type })) }
    ],
    ['a chain of records', { type: 'record', name: 'all', fields: chain }],
    [
      '100,000 fields',
      {
        type: 'record',
        name: 'all',
        fields: Array.from({ length: 100_000 }, (_, index) => ({ name: `f${index}`, type: 'null' }))
      }
    ],
    ['2 MB of text', { type: 'record', name: 'all', doc: 'x'.repeat(2 << 20), fields: [] }]
  ])('a schema of %s is refused at once', (_title, schema) => {
    const before = process.cpuUsage()
    expect(() => decodeOne(schema, Buffer.alloc(100))).toThrow(failure)
    expect(process.cpuUsage(before).user).toBeLessThan(500_000)
  })

  test('the largest schemas that are taken are compiled within a second', () => {
    const unions = Array.from({ length: 3000 }, (_, index) => ({ name: `f${index}`, type: ['null', 'float'] }))
    for (const fields of [enums(5000), unions]) {
      const before = process.cpuUsage()
      const record = decodeOne({ type: 'record', name: 'large', fields }, Buffer.alloc(fields.length))
      expect(typeof record).toBe('object')
      expect(process.cpuUsage(before).user).toBeLessThan(1_000_000)
    }
  })
})

describe('bodies without a schema, by SCHEMA', () => {
  const folder = mkdtempSync(join(tmpdir(), 'avro-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const write = (name: string, schema: unknown) => {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), JSON.stringify(schema))
    return name
  }
  const source = { type: 'record', namespace: 'survey.v1_0', name: 'source', fields: [{ name: 'id', type: 'long' }] }
  const alert = {
    type: 'record',
    namespace: 'survey.v1_0',
    name: 'alert',
    fields: [
      { name: 'source', type: 'survey.v1_0.source' },
      { name: 'history', type: ['null', { type: 'array', items: 'source' }] }
    ]
  }
  const body = Buffer.concat([7, 1, 1, 2n ** 60n, 0].map(zigZag))
  const value = { source: { id: 7 }, history: [{ id: 2n ** 60n }] }
  const codecOfSchema = (SCHEMA: string | string[]) => madeCodec('avro', { SCHEMA }, { baseDir: folder })

  test.each([
    ['files', () => [write('a.avsc', alert), write('s.avsc', source)]],
    [
      'a folder',
      () => [write('parts/alert.avsc', alert), write('parts/source.avsc', source)].slice(0, 0).concat('parts')
    ],
    ['a list in a file', () => write('all.avsc', [source, alert])],
    ['one file', () => write('one.avsc', { ...alert, fields: [{ name: 'source', type: source }, alert.fields[1]] })]
  ])('in %s', (_title, paths) => {
    const codec = codecOfSchema(paths())
    expect(codec.decode(messageOf(body))).toEqual(value)
    expect(codec.decode(messageOf(body), [['source', 'id']])).toEqual({ source: { id: 7 } })
    expect(codec.decode(messageOf(candidateContainer()))).toEqual(candidateRecord)
    expect(codecOf('avro').decode({ ...messageOf(body), ...codec.encode(value) })).toEqual(value)
    for (const damaged of [body.subarray(1), Buffer.concat([body, body])]) {
      expect(() => codec.decode(messageOf(damaged))).toThrow(failure)
    }
  })

  test('one that lacks a part, or a file, is an invalid configuration', () => {
    const invalid = (text: string) =>
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(text) })
    expect(() => codecOfSchema(write('alone.avsc', alert))).toThrow(invalid('survey.v1_0.source'))
    expect(() => codecOfSchema('absent.avsc')).toThrow(invalid('absent.avsc'))
  })
})

describe('the report of a change', () => {
  const detection = (extra: object[], type: unknown = 'float') => ({
    type: 'record',
    name: 'detection',
    fields: [{ name: 'jd', type: 'double' }, { name: 'mag', type }, ...extra]
  })
  const versioned = (version: string, candidate: unknown) => ({
    type: 'record',
    name: 'alert',
    namespace: `changing.v${version}`,
    fields: [{ name: 'candidate', type: candidate }]
  })
  const old = versioned('1_0', detection([{ name: 'rb', type: 'int' }]))
  const now = versioned('1_1', detection([{ name: 'drb', type: ['null', 'float'] }], ['null', 'float']))
  const changes = () => reportsOf((subject) => subject.startsWith('changing.'))

  test('names what was added, removed and retyped, once for each direction', () => {
    for (let time = 0; time < 5; time++) {
      decodeOne(old, Buffer.alloc(13))
      decodeOne(now, Buffer.alloc(10))
    }
    expect(changes()).toEqual([
      {
        codec: 'avro',
        subject: expect.stringMatching(/^changing\.v1_1\.alert \(\w{8}\) after changing\.v1_0\.alert \(\w{8}\)$/),
        notes: [
          '1 field added: candidate.drb (float | null)',
          '1 field removed: candidate.rb',
          '1 field retyped: candidate.mag (float to float | null)'
        ]
      },
      expect.objectContaining({ subject: expect.stringMatching(/^changing\.v1_0\.alert/) })
    ])
  })

  test('is none where only texts and the order of branches differ', () => {
    const optional = (type: unknown, doc: string) => ({
      type: 'record',
      name: 'changing.order',
      fields: [{ name: 'x', type, doc }]
    })
    decodeOne(optional(['float', 'null'], 'old'), zigZag(1))
    decodeOne(optional(['null', 'float'], 'new'), zigZag(0))
    expect(changes().filter(({ subject }) => subject.startsWith('changing.order'))).toEqual([])
  })

  test('counts all, and names twenty', () => {
    const many = Array.from({ length: 50 }, (_, index) => ({ name: `f${index}`, type: 'null' }))
    decodeOne({ type: 'record', name: 'changing.many', fields: [] }, Buffer.alloc(0))
    decodeOne({ type: 'record', name: 'changing.many', fields: many }, Buffer.alloc(0))
    expect(changes().at(-1)?.notes).toEqual([
      expect.stringMatching(/^50 fields added: f0 \(null\), .*f19 \(null\), and 30 more$/)
    ])
  })
})

describe('schemas that break the specification', () => {
  test('a default that is not of the first type is read, and reported once', () => {
    const fields = [{ name: 'drb', type: ['float', 'null'], default: null }]
    const schema = { type: 'record', name: 'broken.default', fields }
    for (let time = 0; time < 3; time++) expect(decodeOne(schema, zigZag(1))).toEqual({ drb: null })
    expect(reportsOf('broken.default')).toEqual([
      { codec: 'avro', subject: 'broken.default', notes: [expect.stringContaining('drb')] }
    ])
  })

  test('fields of one name keep their places, the later ones get a number', () => {
    const fields = ['mag', 'mag', 'mag_2', 'mag'].map((name) => ({ name, type: 'int' }))
    const schema = { type: 'record', name: 'broken.twice', fields }
    expect(decodeOne(schema, Buffer.concat([1, 2, 3, 4].map(zigZag)))).toEqual({
      mag: 1,
      mag_2: 2,
      mag_2_2: 3,
      mag_3: 4
    })
    expect(reportsOf('broken.twice')).toHaveLength(1)
  })

  test('a conforming schema is not reported', () => {
    decode(
      avscContainer({ type: 'record', name: 'sound', fields: [{ name: 'a', type: ['null', 'int'], default: null }] }, [
        { a: null }
      ])
    )
    expect(reportsOf('sound')).toEqual([])
  })
})
