import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openContainer } from '../../src/codecs/avro/container.ts'
import { decodeContainer } from '../../src/codecs/avro/decode.ts'
import { encodeContainer } from '../../src/codecs/avro/encode.ts'
import type { Message } from '../../src/contract/alert.ts'
import { ztfAlerts } from '../../src/generate/index.ts'
import { lsstAlert } from '../codecs/lsst-sample.ts'
import { madeCodec } from '../codecs/made.ts'
import { avscContainer, containerOf } from '../codecs/container.ts'
import { RecordingLog } from '../contract/log.ts'
import { sourceOf, writeAll } from '../contract/sink-bench.ts'
import { archiveSink } from '../harnesses/archive-sink.ts'
import { AvroArchiveSink } from '../../src/sinks/avro-archive.ts'

const text = (value: string) => Buffer.from(value)
const signal = AbortSignal.timeout(60_000)
const alerts = [...ztfAlerts(7).take(6)]

let folder: string
let log: RecordingLog
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'avro-archive-'))
  log = new RecordingLog()
})
afterEach(() => rmSync(folder, { recursive: true }))

async function open(options: Readonly<Record<string, unknown>>): Promise<AvroArchiveSink> {
  const sink = archiveSink(options, { baseDir: folder, log })
  await sink.connect(signal)
  return sink
}

/** Archives messages; gives back what was rejected. */
async function archive(options: Readonly<Record<string, unknown>>, ...messages: readonly Partial<Message>[]) {
  const sink = await open(options)
  return writeAll(
    sink,
    messages.map((over) => sink.place({ value: over.bytes! }, sourceOf(over)))
  )
}

async function names(): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return files.map((one) => join(one.parentPath, one.name).slice(folder.length + 1)).toSorted()
}

const file = (name: string) => readFileSync(join(folder, name))

describe('names', () => {
  const { alert, bytes } = alerts[0]!
  const kafka: Message['headers'] = [
    ['kafka.topic', text('ztf_20210119_programid1')],
    ['kafka.timestamp', text('1611014399999')]
  ]

  test("are the broker's own where PATH is a folder", async () => {
    expect(await archive({ PATH: 'out/' }, { bytes, topic: 'ztf-alerts', headers: kafka })).toEqual([])
    expect(await names()).toEqual([`out/ztf_20210119_programid1/${alert.objectId}/${alert.candid}.avro`])
    expect(file((await names())[0]!).equals(bytes)).toBe(true)
  })

  test('of LSST have the version, the day in UTC and the object, or what moves', async () => {
    const { bytes } = lsstAlert(1000)
    const value = readLsst(bytes)
    expect(await archive({ PATH: 'out/' }, { bytes, headers: kafka })).toEqual([])
    const { diaObject, diaSource } = value as { diaObject: { diaObjectId: bigint }; diaSource: { diaSourceId: bigint } }
    expect(await names()).toEqual([
      `out/v10_0/kafkaPublishTimestamp=2021-01-18/diaObjectId=${diaObject.diaObjectId}/diaSourceId=${diaSource.diaSourceId}.avro`
    ])
  })

  test('are what PATH says: attributes, the day, the message, fields at any depth', async () => {
    const PATH =
      '{survey}/{topic}/{YYYYMMDD}_{kafka.timestamp}_{kafka.partition}-{kafka.offset}_{candidate.fid}_{attributes.a b}.avro'
    const message = {
      bytes,
      topic: 't',
      headers: [...kafka, ['a b', text('x/../y')]] as Message['headers'],
      offset: '7'
    }
    expect(await archive({ PATH }, message)).toEqual([])
    const fid = alert.candidate.fid
    expect(await names()).toEqual([`ztf/t/20210118_1611014399999_0-7_${fid}_x+..+y.avro`])
  })

  test('of what comes from Kafka itself are its own', async () => {
    const PATH = '{kafka.topic}_{kafka.timestamp}.avro'
    await archive({ PATH }, { bytes, topic: 'ztf_20250302_programid1' })
    expect(await names()).toEqual(['ztf_20250302_programid1_1740888903004.avro'])
  })

  test('never leave the folder', async () => {
    const hostile = ['../../x', '..', '.', '/etc/passwd', 'a\0b', '~', 'x'.repeat(5000)]
    const messages = hostile.map((name) => ({ bytes: encodeContainer({ objectId: name, n: 1 }) }))
    expect(await archive({ PATH: 'out/{objectId}/{n}.avro' }, ...messages)).toEqual([])
    expect(await names()).toHaveLength(hostile.length)
    for (const name of await names()) expect(name).toMatch(/^out\/[^/]{1,240}\/1\.avro$/)
  })

  test('that cannot be made are rejected, with what is missing', async () => {
    const bytes = encodeContainer({ objectId: 'a', candid: null, n: 1 })
    const [rejection] = await archive({ PATH: 'out/{objectId}/{candid}_{attributes.x}.avro' }, { bytes })
    expect(rejection).toMatchObject({ code: 'SINK_REJECTED', reason: expect.stringContaining('candid, attributes.x') })
    const [many] = await archive({ PATH: '{n}.avro' }, { bytes: avscContainer({ type: 'int' }, [1, 2]) })
    expect(many).toMatchObject({ code: 'SINK_REJECTED', reason: expect.stringContaining('2 records') })
    expect(await names()).toEqual([])
  })

  test('of a list: the first of which there is all', async () => {
    const PATH = ['a/{missing}.avro', 'b/{objectId}.avro']
    await archive(
      { PATH },
      { bytes: encodeContainer({ objectId: 'x', n: 1 }) },
      { bytes: encodeContainer({ missing: 'y', n: 1 }) }
    )
    expect(await names()).toEqual(['a/y.avro', 'b/x.avro'])
  })

  test.for([
    ['out/all.avro', 'the name of every file'],
    ['out/{a', 'brace'],
    ['out/{a b}.avro', '{a b} stands for nothing'],
    ['gs://{topic}/{candid}.avro', 'expected gs://bucket'],
    ['gs://Bucket/{candid}.avro', 'expected gs://bucket'],
    ['gs://bucket/a//{candid}.avro', 'empty part'],
    ['gs://bucket/../{candid}.avro', '..']
  ])('%s is no PATH', ([PATH, problem]) => {
    expect(AvroArchiveSink.fields.PATH.read(PATH)).toEqual({ problem: expect.stringContaining(problem!) })
  })
})

describe('a file', () => {
  const PATH = '{objectId}.avro'
  const made = (objectId: string, n: number) => encodeContainer({ objectId, n })

  test('is written once: twins at the same moment, and later', async () => {
    const { bytes } = alerts[0]!
    const twins = Array.from({ length: 50 }, () => ({ bytes }))
    const sinks = await Promise.all([open({ PATH }), open({ PATH })])
    const answers = await Promise.all(
      sinks.map((sink) =>
        writeAll(
          sink,
          twins.map(() => sink.place({ value: bytes }, sourceOf({ bytes })))
        )
      )
    )
    expect(answers).toEqual([[], []])
    expect(await names()).toEqual([`${alerts[0]!.alert.objectId}.avro`])
    expect(log.texts('warn')).toEqual([])
  })

  test('with another content under its name stays, and the other has a name of its own, the same every time', async () => {
    const [one, two, three] = [made('a', 1), made('a', 2), made('a', 3)]
    await archive({ PATH }, { bytes: one })
    await archive({ PATH }, { bytes: two }, { bytes: three }, { bytes: two }, { bytes: one })
    await archive({ PATH }, { bytes: three })
    const found = await names()
    expect(found).toHaveLength(3)
    expect(file('a.avro').equals(one)).toBe(true)
    const others = found
      .filter((name) => /^a-[0-9a-f]{12}\.avro$/.test(name))
      .map((name) => decodeContainer(file(name)))
    expect(new Set(others.map((value) => (value as { n: number }).n))).toEqual(new Set([2, 3]))
    expect(log.texts('warn')).toEqual([expect.stringContaining('another content'), expect.stringContaining('another content')]) // biome-ignore format: one line
  })

  test('is byte for byte the alert, unless its schema is to be mended', async () => {
    const fields = [
      { name: 'objectId', type: 'string' },
      { name: 'x', type: ['int', 'null'] }
    ]
    const schema = { type: 'record', name: 'ztf.alert', version: '3.3', fields }
    const right = avscContainer(schema, [{ objectId: 'right', x: { int: 5 } }], 'deflate')
    const { blocks } = openContainer(avscContainer(schema, [{ objectId: 'wrong', x: { int: 5 } }]), 1e9)
    const wrong = containerOf({ ...schema, fields: [fields[0], { ...fields[1], default: null }] }, blocks)
    await archive({ PATH: 'as-it-is/{objectId}.avro', FIX_SCHEMA: false }, { bytes: right }, { bytes: wrong })
    await archive({ PATH: '{version}/{objectId}.avro' }, { bytes: right }, { bytes: wrong }, { bytes: wrong })
    expect(await names()).toEqual(['as-it-is/right.avro', 'as-it-is/wrong.avro', 'v3_3/right.avro', 'v3_3/wrong.avro'])
    for (const name of ['as-it-is/right.avro', 'v3_3/right.avro']) expect(file(name).equals(right)).toBe(true)
    expect(file('as-it-is/wrong.avro').equals(wrong)).toBe(true)
    const mended = JSON.parse(Buffer.from(openContainer(file('v3_3/wrong.avro'), 1e9).schema).toString())
    expect(mended).toEqual({ ...schema, fields: [fields[0], { name: 'x', type: ['null', 'int'], default: null }] })
    expect(decodeContainer(file('v3_3/wrong.avro'))).toEqual({ objectId: 'wrong', x: 5 })
    expect(log.texts('info').filter((text) => text.includes('mended'))).toEqual([
      'the schema of ztf v3_3 has 1 defaults that its types do not allow, and is mended'
    ])
  })

  test('of a record in Confluent framing is a container of the same record, the same every time', async () => {
    const { bytes } = lsstAlert(1101)
    await archive({ PATH: '{diaSourceId}.avro' }, { bytes }, { bytes })
    const [name, ...others] = await names()
    expect(others).toEqual([])
    expect(decodeContainer(file(name!))).toEqual(readLsst(bytes))
  })
})

test('what is no Avro, is not whole, has an unknown schema, or was made by a handler is refused with a remedy', async () => {
  const { bytes } = alerts[0]!
  const unknown = Buffer.from([0, 0, 0, 0x27, 0x0f, 1, 2, 3])
  const damaged = [
    text('{"a":1}'),
    Buffer.alloc(0),
    bytes.subarray(0, 1000),
    unknown,
    Buffer.from([0, 0, 0, 4, 0x4d, 9])
  ]
  const rejections = await archive({ PATH: '{id}.avro' }, ...damaged.map((bytes) => ({ bytes })), { bytes })
  expect(rejections.map(({ index }) => index).toSorted()).toEqual([0, 1, 2, 3, 4])
  const reasons = rejections.toSorted((a, b) => a.index - b.index).map(({ reason }) => reason)
  expect(reasons[0]).toContain('FileSink with FORMAT: raw')
  expect(reasons[3]).toContain('9999')
  expect(reasons[3]).toContain('REGISTRY')
  expect(await names()).toHaveLength(1)
  const sink = await open({ PATH: '{id}.avro' })
  const failure = { code: 'HANDLER_FAILED', reason: 'x', stack: undefined, attempts: 1 }
  expect(() => sink.place({ value: { a: 1 } }, sourceOf())).toThrow(expect.objectContaining({ code: 'SINK_REJECTED' }))
  expect(() => sink.place({ value: null }, sourceOf())).toThrow(expect.objectContaining({ code: 'SINK_REJECTED' }))
  expect(() => sink.place({ value: bytes }, sourceOf({}, { failure }))).toThrow(/DEAD_LETTER/)
})

test('a schema that the registry has is fetched; while it is away the alert waits, and one that it has not refuses it', async () => {
  const schema = JSON.stringify({
    type: 'record',
    name: 'r',
    namespace: 'roman.v1_0',
    fields: [{ name: 'id', type: 'long' }]
  })
  let status = 503
  const server = createServer(({ url }, response) => {
    const found = status === 200 && url === '/schemas/ids/100'
    response.writeHead(found ? 200 : status === 200 ? 404 : status).end(found ? JSON.stringify({ schema }) : '{}')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const sink = archiveSink(
    {
      PATH: '{survey}-{version}/{id}-{attributes.x}.avro',
      REGISTRY: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    },
    { baseDir: folder, stateDir: join(folder, 'state'), log }
  )
  const framed = (id: number) => Buffer.from([0, 0, 0, 0, id, 14])
  const place = (id: number) =>
    sink.place({ value: framed(id) }, sourceOf({ bytes: framed(id), id: 'm', headers: [['x', text('y')]] }))
  const batch = [place(100), place(99)]
  try {
    await expect(sink.write(batch, signal)).rejects.toMatchObject({
      code: 'SINK_UNAVAILABLE',
      remedy: expect.stringContaining('REGISTRY')
    })
    status = 200
    expect(await sink.write(batch, signal)).toMatchObject([{ index: 1, code: 'SINK_REJECTED' }])
    expect(decodeContainer(file('roman-v1_0/m-y.avro'))).toEqual({ id: 7 })
  } finally {
    server.close()
    server.closeAllConnections()
  }
})

function readLsst(bytes: Uint8Array): unknown {
  return madeCodec('confluent').decode(sourceOf({ bytes }).message)
}
