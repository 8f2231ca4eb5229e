import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lineOf } from '../../src/archive/message-line.ts'
import type { DeadLetter } from '../../src/contract/dead-letter.ts'
import { FileSink } from '../../src/sinks/file.ts'
import { RecordingLog } from '../contract/log.ts'
import { sinkSetup } from '../contract/sink-bench.ts'
import { messageOf } from '../fakes/message.ts'

let folder: string
let log: RecordingLog

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'letters-'))
  log = new RecordingLog()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A line of a dead letter, or of a message that is none. */
function line(number: number, code?: string): string {
  const failure = code === undefined ? {} : { failure: { code, reason: 'why', stack: undefined, attempts: 2 } }
  const message = messageOf(number)
  const source = { message, stream: 's', route: 'r', payload: () => undefined, ...failure }
  return lineOf(source, message)
}

function write(name: string, ...lines: readonly string[]): void {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, lines.join(''))
}

async function letters(PATH: string, FORMAT: 'messages' | 'raw' = 'messages'): Promise<DeadLetter[]> {
  const read = FileSink.fields.PATH.read(PATH)
  if ('problem' in read) throw new Error(read.problem)
  const options = {
    PATH: read.value,
    FORMAT,
    ROTATE_BYTES: undefined,
    ROTATE: undefined,
    KEY_FILE: undefined,
    PROJECT: undefined,
    TESTID: undefined
  }
  const found: DeadLetter[] = []
  for await (const letter of new FileSink(options, sinkSetup({ baseDir: folder, log })).deadLetters())
    found.push(letter)
  return found
}

const numbersOf = async (...args: Parameters<typeof letters>) => (await letters(...args)).map(({ number }) => number)

test('lines of a file are numbered, and what is no dead letter is passed over', async () => {
  write('dead.ndjson', line(1, 'X'), line(2), '\n', '{"payload": 1}\n', '17\n', line(3, 'Y'), '{"torn": ')
  const [first, second, ...others] = await letters('dead.ndjson')
  expect(others).toEqual([])
  expect(first).toMatchObject({ number: '1', stream: 's', route: 'r', code: 'X', reason: 'why', attempts: 2 })
  expect(first!.message).toMatchObject({ id: 'alerts/0/1', topic: 'alerts', partition: 0, offset: '1' })
  expect(Buffer.from(first!.message.bytes!).toString()).toBe('{"number":1}')
  expect(second).toMatchObject({ number: '6', code: 'Y' })
  expect(log.texts('warn')).toEqual([expect.stringMatching(/dead\.ndjson: line 7 cannot be read$/)])
})

test('a letter keeps its identity when its file is rotated, and twins are told apart', async () => {
  write('dead.ndjson', line(1, 'X'), line(2, 'X'), line(1, 'X'))
  const before = (await letters('dead.ndjson')).map(({ id }) => id)
  expect(new Set(before).size).toBe(3)
  write('dead.20260301T040000Z.ndjson', line(1, 'X'), line(2, 'X'))
  write('dead.ndjson', line(1, 'X'))
  const after = await letters('dead.ndjson')
  expect(after.map(({ id }) => id)).toEqual(before)
  expect(after.map(({ number }) => number)).toEqual([
    'dead.20260301T040000Z.ndjson:1',
    'dead.20260301T040000Z.ndjson:2',
    'dead.ndjson:1'
  ])
})

test('files of members, of finished periods and of templates are found, others are not', async () => {
  for (const name of ['a.0.ndjson', 'a.1.20260301.ndjson', 'a.20260301T040000Z-2.ndjson', 'a.ndjson'])
    write(name, line(1, 'X'))
  for (const name of ['a.b.ndjson', 'ab.ndjson', 'a.ndjson.torn-1', 'sub/a.ndjson', 'b.ndjson'])
    write(name, line(1, 'X'))
  expect(await numbersOf('a.ndjson')).toEqual([
    'a.0.ndjson:1',
    'a.1.20260301.ndjson:1',
    'a.20260301T040000Z-2.ndjson:1',
    'a.ndjson:1'
  ])
  write('dead/ztf/x.y.ndjson', line(1, 'X'))
  write('dead/lsst/x.ndjson', line(1, 'X'))
  write('dead/lsst/more/x.ndjson', line(1, 'X'))
  expect(await numbersOf('dead/{stream}/{topic}.ndjson')).toEqual(['lsst/x.ndjson:1', 'ztf/x.y.ndjson:1'])
  expect(await numbersOf('dead/ztf/')).toEqual(['1'])
  expect(await numbersOf('nothing/here.ndjson')).toEqual([])
})

test('of FORMAT raw, the dead letters among the files', async () => {
  write('packets/0+1.ndjson', line(1, 'X'))
  write('packets/0+2.avro', 'Obj')
  expect(await numbersOf('packets', 'raw')).toEqual(['1'])
  write('by-topic/alerts/0+1.ndjson', line(1, 'X'))
  write('by-topic/others/0+2.ndjson', line(2, 'X'))
  expect(await numbersOf('by-topic/', 'raw')).toEqual(['alerts/0+1.ndjson:1', 'others/0+2.ndjson:1'])
})
