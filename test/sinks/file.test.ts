import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { FileSink } from '../../src/sinks/file.ts'
import { RecordingLog } from '../contract/log.ts'
import { placed, sinkSetup, sourceOf, writeAll } from '../contract/sink-bench.ts'

type Options = ConstructorParameters<typeof FileSink>[0]

const NONE = {
  FORMAT: 'messages',
  ROTATE_BYTES: undefined,
  ROTATE: undefined,
  KEY_FILE: undefined,
  PROJECT: undefined,
  TESTID: undefined
} as const

describe('FileSink', () => {
  let folder: string
  let log: RecordingLog
  let opened: FileSink[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'file-sink-'))
    log = new RecordingLog()
  })
  afterEach(async () => {
    vi.useRealTimers()
    for (const sink of opened) await sink.close()
    opened = []
    await rm(folder, { recursive: true })
  })

  const signal = AbortSignal.timeout(60_000)
  function open(options: Partial<Options>, member?: number): FileSink {
    const sink = new FileSink({ ...NONE, PATH: 'out.ndjson', ...options }, sinkSetup({ baseDir: folder, log, member }))
    opened.push(sink)
    return sink
  }
  const lines = async (name: string) => (await readFile(join(folder, name), 'utf8')).split('\n').slice(0, -1)
  const names = async (below = '.') => (await readdir(join(folder, below))).sort()

  test('a line is the source message with what is published in it', async () => {
    const sink = open({})
    const source = sourceOf({ topic: 'ztf', partition: 2, offset: '7', key: Buffer.from('k') })
    await writeAll(sink, [sink.place({ topic: 'other', value: Buffer.from('v'), headers: [['a', null]] }, source)])
    expect(JSON.parse((await lines('out.ndjson'))[0]!)).toEqual({
      topic: 'ztf',
      partition: 2,
      offset: '7',
      timestamp: '2025-03-02T04:15:03.004Z',
      key: 'aw==',
      headers: [['a', null]],
      value: 'dg=='
    })
  })

  test.each(['messages', 'payload', 'raw'] as const)('a dead letter says why, with FORMAT %s', async (FORMAT) => {
    const sink = open({ FORMAT, PATH: FORMAT === 'raw' ? '.' : 'out.ndjson' })
    const failure = { code: 'DECODE_FAILED', reason: 'not Avro', stack: undefined, attempts: 1 }
    const source = sourceOf(
      { id: 'pubsub-id', offset: undefined, partition: undefined, bytes: Buffer.from('bad') },
      { failure }
    )
    await writeAll(sink, [sink.place({ value: source.message.bytes }, source)])
    const [name] = await names()
    expect(JSON.parse((await lines(name!))[0]!)).toMatchObject({
      id: 'pubsub-id',
      value: Buffer.from('bad').toString('base64'),
      reason: 'not Avro',
      code: 'DECODE_FAILED',
      attempts: 1,
      stream: 'a-stream',
      route: '*'
    })
  })

  test('FORMAT payload writes what was decoded, what a handler made, and refuses what is no payload', async () => {
    const sink = open({ FORMAT: 'payload' })
    const decoded = sourceOf({}, { payload: () => ({ candid: 2982177112815010003n }) })
    const later = sourceOf({}, { payload: async () => 'later' })
    const never = sourceOf({}, { payload: () => Promise.reject(new Error('no schema')) })
    const broken = sourceOf({ bytes: Buffer.from('Obj') })
    const batch = [
      sink.place({ value: decoded.message.bytes }, decoded),
      sink.place({ value: later.message.bytes }, later),
      sink.place({ value: never.message.bytes }, never),
      sink.place({ value: [1] }, sourceOf()),
      sink.place({ value: Buffer.from('{"a":\n1}') }, sourceOf()),
      sink.place({ value: null }, sourceOf())
    ]
    expect(await writeAll(sink, batch)).toMatchObject([{ index: 2, code: 'SINK_REJECTED' }])
    expect(await lines('out.ndjson')).toEqual(['{"candid":2982177112815010003}', '"later"', '[1]', '{"a":1}', 'null'])
    expect(() => sink.place({ value: broken.message.bytes }, broken)).toThrow(
      expect.objectContaining({ code: 'SINK_REJECTED' })
    )
  })

  test('names of files cannot leave the folder, nor meet', async () => {
    const sink = open({ PATH: 'out/{stream}/{topic}.ndjson' })
    const topics = [
      '../../etc/passwd',
      '..',
      '.hidden',
      'a/b',
      'a+b',
      'a%2Fb',
      'ä',
      '',
      'x'.repeat(300),
      'x'.repeat(301)
    ]
    await writeAll(
      sink,
      topics.map((topic) => sink.place({ topic, value: null }, sourceOf()))
    )
    expect(await names('.')).toEqual(['out'])
    expect(await names('out')).toEqual(['a-stream'])
    const files = await names('out/a-stream')
    expect(files).toHaveLength(topics.length)
    expect(files).toContain('%2E%2E+..+etc+passwd.ndjson')
    expect(files.filter((name) => name.startsWith('.'))).toEqual([])
  })

  test('a name that no folder and no bucket takes is refused, and holds nobody up', async () => {
    const sink = open({ FORMAT: 'raw', PATH: 'plots/{topic}-{key}.png' })
    await sink.connect(AbortSignal.timeout(5_000))
    const place = (key: string) => sink.place({ value: Uint8Array.of(1), key }, sourceOf({ topic: 't'.repeat(90) }))
    expect(() => place('k'.repeat(170))).toThrow(
      expect.objectContaining({ code: 'SINK_REJECTED', message: expect.stringContaining('too long a name') })
    )
    expect(await writeAll(sink, [place('k'.repeat(160))])).toEqual([])
  })

  test('raw files are named by {key} where PATH has it, and replaced by the next of that name', async () => {
    const sink = open({ FORMAT: 'raw', PATH: 'plots/{topic}/candid_{key}.png' })
    const place = (key: string | Uint8Array | null, value: string) =>
      sink.place({ topic: 't', key, value: Buffer.from(value) }, sourceOf())
    const batch = [
      place('1', 'first'),
      place('2', 'x'),
      place('1', 'second'),
      place('../../3', 'y'),
      place(Buffer.of(255), 'z')
    ]
    expect(await writeAll(sink, batch)).toEqual([])
    expect(await names('plots/t')).toEqual(['candid_%2E%2E+..+3.png', 'candid_1.png', 'candid_2.png', 'candid_ff.png'])
    expect(await lines('plots/t/candid_1.png')).toEqual([])
    expect(await readFile(join(folder, 'plots/t/candid_1.png'), 'utf8')).toBe('second')
    for (const key of [null, '']) expect(() => place(key, 'x')).toThrow(/no key/)
    const failure = { code: 'HANDLER_FAILED', reason: 'x', stack: undefined, attempts: 1 }
    expect(() => sink.place({ key: '1', value: 'x' }, sourceOf({}, { failure }))).toThrow(/FORMAT: messages/)
  })

  test.each([
    ['gs://bucket/out.ndjson', 'messages', 'gs://'],
    ['gs://bucket/out', 'payload', 'gs://'],
    ['out/{key}.json', 'payload', '{key}']
  ] as const)('PATH %s does not go with FORMAT %s', (PATH, FORMAT, part) => {
    expect(() => FileSink.writes({ ...NONE, PATH, FORMAT })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(part) })
    )
    expect(FileSink.writes({ ...NONE, PATH, FORMAT: 'raw' })).toBeUndefined()
  })

  test('setup makes the bucket of a PATH in one, and a test run has a place of its own', async () => {
    const setup = { name: 'plots', baseDir: folder, feeds: [] }
    const options = { ...NONE, FORMAT: 'raw', PATH: 'gs://plots/a/{key}.png', PROJECT: 'p', TESTID: 't1' } as const
    expect(FileSink.needs(options, setup).map(({ kind, name }) => [kind, name])).toEqual([['bucket', 'gs://plots-t1']])
    expect(FileSink.needs({ ...options, PATH: 'out/{key}' }, setup)).toEqual([])
    const sink = open({ PATH: 'out/{topic}.ndjson', FORMAT: 'payload', TESTID: 't1' })
    await writeAll(sink, [sink.place({ topic: 't', value: 1 }, sourceOf())])
    expect(await lines('out/t1/t.ndjson')).toEqual(['1'])
  })

  test('raw files are named after the message: a redelivery replaces its file, two of one message are two', async () => {
    const sink = open({ FORMAT: 'raw', PATH: 'out' })
    const avro = Buffer.from('Obj\x01...')
    for (let delivery = 0; delivery < 2; delivery++) {
      const source = sourceOf({ topic: 't', id: 't/0/5', offset: '5' })
      await writeAll(sink, [
        sink.place({ value: avro }, source),
        sink.place({ value: { made: 'here' } }, source),
        sink.place({ topic: 'u', value: Buffer.from('<voe:VOEvent/>') }, source)
      ])
    }
    expect(await names('out')).toEqual(['a-stream+t+0+5+1.json', 'a-stream+t+0+5.avro', 'a-stream+u+t+0+5+2.xml'])

    const named = open({ FORMAT: 'raw', PATH: 'named/{stream}/{topic}' })
    await writeAll(named, [named.place({ value: avro }, sourceOf({ topic: 't', id: 'night/5.avro' }))])
    expect(await names('named/a-stream/t')).toEqual(['night+5.avro'])
  })

  test('each process of several has files of its own', async () => {
    const sink = open({ PATH: '{topic}.ndjson' }, 3)
    await writeAll(sink, placed(sink, [{ value: 1 }]))
    expect(await names()).toEqual(['origin.3.ndjson'])
  })

  test('ROTATE_BYTES: no file grows beyond it, nothing is lost, no finished file is overwritten', async () => {
    const sink = open({ FORMAT: 'payload', ROTATE_BYTES: 20 })
    for (let i = 0; i < 10; i++) await writeAll(sink, placed(sink, [{ value: `line ${i}` }]))
    const files = await names()
    expect(files.length).toBe(5)
    expect(files.filter((name) => /^out\.\d{8}T\d{6}Z(-\d)?\.ndjson$/.test(name))).toHaveLength(4)
    const all = await Promise.all(files.map(lines))
    expect(all.flat().sort()).toEqual(Array.from({ length: 10 }, (_, i) => `"line ${i}"`))
  })

  test('ROTATE: a new file in each period, also when the process was started again', async () => {
    await writeFile(join(folder, 'out.ndjson'), '"old"\n')
    const sink = open({ FORMAT: 'payload', ROTATE: 1 })
    await new Promise((resolve) => setTimeout(resolve, 1001))
    await writeAll(sink, placed(sink, [{ value: 'new' }]))
    expect(await lines('out.ndjson')).toEqual(['"new"'])
    expect(await names()).toHaveLength(2)
  })

  test('ROTATE night changes at noon UTC, and the finished file has the date of its evening', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const sink = open({ FORMAT: 'payload', ROTATE: 'night' })
    for (const time of [
      '2025-03-02T11:59:59Z',
      '2025-03-02T12:00:01Z',
      '2025-03-03T03:00:00Z',
      '2025-03-03T12:00:00Z'
    ]) {
      vi.setSystemTime(new Date(time))
      await writeAll(sink, placed(sink, [{ value: time }]))
    }
    expect(await names()).toEqual(['out.20250301.ndjson', 'out.20250302.ndjson', 'out.ndjson'])
    expect(await lines('out.20250302.ndjson')).toEqual(['"2025-03-02T12:00:01Z"', '"2025-03-03T03:00:00Z"'])
  })

  test('what a crash left of a last line is moved aside, loudly, and whole lines stay', async () => {
    const torn = 'x'.repeat(200_000)
    await writeFile(join(folder, 'out.ndjson'), `"whole"\n${torn}`)
    const sink = open({ FORMAT: 'payload' })
    await writeAll(sink, placed(sink, [{ value: 'next' }]))
    expect(await lines('out.ndjson')).toEqual(['"whole"', '"next"'])
    const [aside] = (await names()).filter((name) => name.includes('.torn-'))
    expect(await readFile(join(folder, aside!), 'utf8')).toBe(torn)
    expect(log.texts('warn')).toEqual([expect.stringContaining('in the middle of a line')])
  })

  test('a file that was deleted or moved under it is made anew', async () => {
    const sink = open({ FORMAT: 'payload' })
    await writeAll(sink, placed(sink, [{ value: 1 }]))
    await rename(join(folder, 'out.ndjson'), join(folder, 'moved.ndjson'))
    await writeAll(sink, placed(sink, [{ value: 2 }]))
    await rm(join(folder, 'out.ndjson'))
    await writeAll(sink, placed(sink, [{ value: 3 }]))
    expect(await lines('moved.ndjson')).toEqual(['1'])
    expect(await lines('out.ndjson')).toEqual(['3'])
  })

  test('two sinks may append to one file', async () => {
    const [one, two] = [open({ FORMAT: 'payload' }), open({ FORMAT: 'payload' })]
    for (let i = 0; i < 3; i++) {
      await writeAll(one, placed(one, [{ value: i }]))
      await writeAll(two, placed(two, [{ value: -i }]))
    }
    expect(await lines('out.ndjson')).toEqual(['0', '0', '1', '-1', '2', '-2'])
  })

  test('more files than may be open at once', async () => {
    const sink = open({ PATH: '{topic}.ndjson', FORMAT: 'payload' })
    for (let round = 0; round < 2; round++) {
      const batch = Array.from({ length: 150 }, (_, i) => sink.place({ topic: `t${i}`, value: round }, sourceOf()))
      await writeAll(sink, batch)
    }
    expect(await names()).toHaveLength(150)
    expect(await lines('t77.ndjson')).toEqual(['0', '1'])
    if (process.platform === 'linux') expect((await readdir('/proc/self/fd')).length).toBeLessThan(120)
  })

  test('PATH: a trailing slash is a folder, an unknown placeholder a problem', () => {
    const { read } = FileSink.fields.PATH
    expect(read('out/')).toEqual({ value: 'out/{topic}.ndjson' })
    expect(read('out/{stream}.ndjson')).toEqual({ value: 'out/{stream}.ndjson' })
    expect(read('out/{date}')).toEqual({ problem: expect.stringContaining('{date}') })
  })

  test('connect says so when the folder cannot be made', async () => {
    await writeFile(join(folder, 'file'), '')
    await expect(open({ PATH: 'file/out.ndjson' }).connect(signal)).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' })
    await mkdir(join(folder, 'made'))
    await open({ PATH: 'made/too/{topic}.ndjson' }).connect(signal)
    expect(await names('made')).toEqual(['too'])
  })

  // A real limit: the kernel takes a part of the write, and refuses the rest.
  test.skipIf(process.platform === 'win32')('a full disk leaves no half line behind', async () => {
    const path = join(folder, 'out.ndjson')
    const script = join(import.meta.dirname, 'full-disk.ts')
    const limited = 'ulimit -f 32; exec "$0" "$1" "$2"'
    const { stdout } = await promisify(execFile)('bash', ['-c', limited, process.execPath, script, path])
    const remedy = expect.stringContaining('ROTATE_BYTES')
    expect(JSON.parse(stdout)).toEqual(['SINK_UNAVAILABLE', remedy, 1003, 'SINK_UNAVAILABLE', remedy, 1003])
    expect((await lines('out.ndjson')).map((line) => line.slice(0, 2))).toEqual(['"a', '"c'])
  })
})
