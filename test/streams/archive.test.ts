import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lineOf } from '../../src/archive/message-line.ts'
import type { StreamSetup } from '../../src/contract/stream.ts'
import type { ArchiveOptions } from '../../src/archive/fields.ts'
import { ArchiveAlertStream } from '../../src/streams/archive.ts'
import { RecordingLog } from '../contract/log.ts'
import { Reading } from '../contract/reading.ts'
import { TestRoom } from '../contract/room.ts'
import { sourceOf } from '../contract/sink-bench.ts'
import { streamSetup } from '../contract/stream-bench.ts'
import { archiveOptions, toLine } from '../harnesses/archive.ts'

describe('ArchiveAlertStream', () => {
  let folder: string
  let log: RecordingLog
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'archive-'))
    log = new RecordingLog()
  })
  afterEach(() => rm(folder, { recursive: true }))

  async function replay(
    { PATH = '.', ...options }: Partial<Omit<ArchiveOptions, 'PATH'>> & { PATH?: string } = {},
    over: Partial<StreamSetup> = {}
  ) {
    const room = new TestRoom()
    const setup = streamSetup({ baseDir: folder, log, room, ...over })
    const stream = new ArchiveAlertStream(archiveOptions({ PATH: [PATH], ...options }), setup)
    const reading = await Reading.start(stream, room)
    await reading.end()
    reading.ack(reading.deliveries)
    await reading.close()
    return reading.deliveries.map(({ message }) => message)
  }

  test('reads the files of a folder and below it in the order of their names, with stable ids', async () => {
    await mkdir(join(folder, 'ztf-loop'))
    await writeFile(join(folder, 'ztf-loop', 'b.avro'), 'second')
    await writeFile(join(folder, 'ztf-loop', 'a.json'), '{}')
    await writeFile(join(folder, 'ztf-loop', '.hidden.json'), '{}')
    await writeFile(join(folder, 'ztf-loop', 'read-me.md'), '#')
    await writeFile(join(folder, 'z.jsonl'), `${toLine({ key: null, headers: [], bytes: null })}\n\n{"a":1}`)
    const messages = await replay()
    expect(messages.map(({ id, topic }) => [id, topic])).toEqual([
      ['z.jsonl#1', 'origin'],
      ['z.jsonl#4', folder.split('/').at(-1)],
      ['ztf-loop/a.json', 'ztf-loop'],
      ['ztf-loop/b.avro', 'ztf-loop']
    ])
  })

  test('keeps place and time of a line, and says when a line is no message', async () => {
    const source = sourceOf({ partition: 3, offset: '17' })
    const line = lineOf(source, { key: null, headers: [], bytes: Buffer.from('x') })
    const cut = line.slice(0, 40)
    await writeFile(join(folder, 'a.ndjson'), `${line}${cut}\n`)
    const [whole, torn] = await replay({ TOPIC: 'fallback' })
    expect(whole).toMatchObject({ partition: 3, offset: '17', publishedAt: source.message.publishedAt })
    expect(torn).toMatchObject({ topic: 'fallback', bytes: Buffer.from(cut), key: null })
    expect(log.texts('warn')).toEqual([expect.stringContaining('a.ndjson#2 is no message')])
  })

  test('refuses base64 that Node would read in part', async () => {
    await writeFile(join(folder, 'a.ndjson'), '{"topic":"t","value":"AAA!"}\n')
    const [message] = await replay()
    expect(Buffer.from(message!.bytes!).toString()).toBe('{"topic":"t","value":"AAA!"}')
    expect(log.texts('warn')).toEqual([expect.stringContaining('value is not base64')])
  })

  test('takes a file whatever its extension, and a glob', async () => {
    await mkdir(join(folder, 'x'))
    await writeFile(join(folder, 'x', '1.dat'), 'one')
    await writeFile(join(folder, 'x', '2.dat'), 'two')
    expect((await replay({ PATH: 'x/1.dat' })).map(({ id }) => id)).toEqual(['1.dat'])
    expect((await replay({ PATH: '*/*.dat' })).map(({ id }) => id)).toEqual(['x/1.dat', 'x/2.dat'])
  })

  test('passes over topics that no key takes, and says how many', async () => {
    await writeFile(join(folder, 'a.ndjson'), toLine({ key: null, headers: [], bytes: null }).repeat(3))
    expect(await replay({}, { topics: ['other', 'orig?'] })).toEqual([])
    expect(log.texts('warn')).toEqual(['passed over 3 messages of origin: no key of TOPIC_HANDLERS takes it'])
    expect(await replay({}, { topics: ['ori*'] })).toHaveLength(3)
  })

  test('keeps to RATE', async () => {
    await writeFile(join(folder, 'a.ndjson'), toLine({ key: null, headers: [], bytes: null }).repeat(11))
    const start = performance.now()
    await replay({ RATE: 50 })
    expect(performance.now() - start).toBeGreaterThan(190)
  })

  test('a line longer than the blocks in which a file is read', async () => {
    const bytes = Buffer.alloc(700_000, 'alert')
    await writeFile(join(folder, 'a.ndjson'), toLine({ key: null, headers: [], bytes }).repeat(2))
    for (const message of await replay()) expect(bytes.equals(message.bytes!)).toBe(true)
  })

  test('nothing at PATH rejects with what was looked for', async () => {
    await expect(replay({ PATH: 'nowhere' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(join(folder, 'nowhere'))
    })
    await expect(replay()).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })

  test('tells the time of the last ack when it closes', async () => {
    await writeFile(join(folder, 'a.json'), '{}')
    const events: unknown[] = []
    await replay({}, { note: (event) => events.push(event) })
    expect(events).toEqual([{ kind: 'committed', at: expect.any(Date) }])
  })
})
