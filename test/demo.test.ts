import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { messageOf } from '../src/archive/message-line.ts'

const ROOT = join(import.meta.dirname, '..')
let folder: string

/** The demo as `npm run demo` runs it, in a copy: what it writes lies beside its configuration. */
async function runDemo(): Promise<void> {
  const bin = join(ROOT, 'bin/alertstreams.js')
  await promisify(execFile)(process.execPath, [bin, 'run', 'config/demo.yaml', '--account', 'account.json'], {
    cwd: folder,
    timeout: 30_000
  })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-'))
  await cp(join(ROOT, 'config'), join(folder, 'config'), { recursive: true })
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  const start = Date.now()
  await runDemo()
  expect(Date.now() - start, 'milliseconds').toBeLessThan(10_000)
})
afterAll(() => rm(folder, { recursive: true }))

const linesOf = async (name: string) =>
  (await readFile(join(folder, 'demo-output', name), 'utf8')).split('\n').slice(0, -1)

test('republished packets equal the input byte for byte', async () => {
  const names = await readdir(join(folder, 'demo-output/pitt-google/ztf-loop'))
  expect(names.length).toBeGreaterThan(20)
  expect(names.length).toBeLessThan(80)
  for (const name of names) {
    const output = await readFile(join(folder, 'demo-output/pitt-google/ztf-loop', name))
    expect(output.equals(await readFile(join(folder, 'config/demo/ztf-loop', name))), name).toBe(true)
  }
})

test('republished messages equal the input with key and headers', async () => {
  const input = (await readFile(join(folder, 'config/demo/hopskotch.ndjson'), 'utf8')).split('\n')
  const output = await linesOf('hopskotch/hermes.test.ndjson')
  expect(output.length).toBeGreaterThan(20)
  for (const line of output) expect(input).toContain(line)
  for (const line of output) {
    const { bytes } = messageOf(line, { id: '', topic: '' })
    expect(JSON.parse(Buffer.from(bytes!).toString()).data.photometry[0].brightness).toBeLessThan(18)
  }
})

test('the handler made notes, ids with all their digits', async () => {
  const notes = await linesOf('brightening.ndjson')
  expect(notes.length).toBeGreaterThan(3)
  for (const note of notes) expect(note).toMatch(/"candid":\d{19},/)
})

test('the broken packet lies in the dead letters, whole and with its reason', async () => {
  const [line, ...others] = await linesOf('dead-letters.ndjson')
  expect(others).toEqual([])
  const letter = JSON.parse(line!)
  expect(letter).toMatchObject({ code: 'DECODE_FAILED', stream: 'pitt-google', route: 'ztf-loop', attempts: 1 })
  expect(letter.reason).toMatch(/\S/)
  const original = await readFile(join(folder, 'config/demo/ztf-loop', letter.id))
  expect(original.equals(Buffer.from(letter.value, 'base64'))).toBe(true)
})

test('the account adds up, and says what lies in the files', async () => {
  const account = JSON.parse(await readFile(join(folder, 'account.json'), 'utf8'))
  expect(account.balanced).toBe(true)
  const { 'pitt-google': google, hopskotch } = account.streams
  const packets = await readdir(join(folder, 'demo-output/pitt-google/ztf-loop'))
  expect(google.topics['ztf-loop']).toMatchObject({ received: 100, delivered: packets.length, deadLettered: 1 })
  const messages = await linesOf('hopskotch/hermes.test.ndjson')
  expect(hopskotch.topics['hermes.test']).toMatchObject({ received: 240, delivered: messages.length })
  expect(hopskotch.topics['sys.heartbeat']).toMatchObject({ received: 60, handled: 60 })
})

test('a second run does not mind what the first has left', async () => {
  const before = await linesOf('dead-letters.ndjson')
  await runDemo()
  expect(await linesOf('dead-letters.ndjson')).toEqual([...before, ...before])
})
