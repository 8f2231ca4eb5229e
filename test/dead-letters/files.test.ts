import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Workplace } from '../end-to-end/program.ts'

const FAILING = `
export default (alert) => {
  const { number } = alert.payload()
  if (number % 2 === 1) throw new Error('odd: ' + number)
  return { value: { number } }
}
`
const MENDED = FAILING.replace('number % 2 === 1', 'number === 5')

/** Six numbered messages and a broken one. */
const input = [0, 1, 2, 3, 4, 5, 'broken'].map((number) => {
  const value = Buffer.from(number === 'broken' ? '{"number": ' : JSON.stringify({ number })).toString('base64')
  const headers = [
    ['trace', Buffer.from(`t${number}`).toString('base64')],
    ['empty', null]
  ]
  return JSON.stringify({
    topic: 'numbers',
    id: `n${number}`,
    timestamp: '2026-03-01T04:00:00.000Z',
    key: 'a2V5',
    headers,
    value
  })
})

function configOf(route: object = {}): object {
  return {
    ALERT_STREAMS: [
      {
        NAME: 'ArchiveAlertStream',
        ID: 'archive',
        OPTIONS: {
          PATH: 'input.ndjson',
          TOPIC_HANDLERS: {
            numbers: {
              HANDLER: './handler.ts',
              CODEC: 'json',
              SINKS: 'out',
              DEAD_LETTER: 'rejects',
              RETRY: { ATTEMPTS: 2, BACKOFF: '10ms' },
              DEDUPE: { KEY: 'number' },
              ...route
            }
          }
        }
      }
    ],
    SINKS: {
      out: { NAME: 'FileSink', OPTIONS: { PATH: 'out.ndjson', FORMAT: 'payload' } },
      rejects: { NAME: 'FileSink', OPTIONS: { PATH: 'rejects.ndjson' } }
    }
  }
}

const files = { 'handler.ts': FAILING, 'mended.ts': MENDED, 'input.ndjson': `${input.join('\n')}\n` }

/** One command to its end. */
async function dlq(place: Workplace, ...args: readonly string[]): Promise<{ code: number | null; text: string }> {
  const program = place.start({ args: ['dlq', ...args] })
  const code = await program.end()
  return { code, text: program.output }
}

const numbersIn = (place: Workplace) =>
  place
    .read('out.ndjson')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).number)

test('dead letters in a file are listed, shown, retried, and dropped', async () => {
  await using place = new Workplace(configOf(), files)
  expect(await place.start().end()).toBe(0)
  expect(numbersIn(place)).toEqual([0, 2, 4])
  const kept = place.read('rejects.ndjson')

  const first = await dlq(place, 'ls')
  expect(first.code).toBe(0)
  expect(first.text).toMatch(
    /^rejects \(FileSink\):\n {2}1 {2}2026-03-01T04:00:00.000Z {2}archive {2}numbers {2}HANDLER_FAILED {2}.*odd: 1\n/
  )
  expect(
    first.text
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(' ')[0])
  ).toEqual(['1', '2', '3', '4', '4'])
  expect(first.text).toMatch(/\n4 dead letters\n$/)

  const shown = await dlq(place, 'show', '2', '4', 'alertstreams.yaml')
  expect(shown.text).toMatch(/^rejects 2\nstream: archive\ntopic: numbers\nid: input\.ndjson#4\n/)
  expect(shown.text).toMatch(
    /attempts: 2\nkey: key\nsize: 12 bytes\nheaders:\n {2}trace: t3\n {2}empty: null\nstack:\n {2}Error: odd: 3\n/
  )
  expect(shown.text).toMatch(/payload \(json\):\n {2}\{\n {4}"number": 3\n/)
  expect(shown.text).toMatch(/payload, which cannot be decoded \(.*\), as base64:\n {2}eyJudW1iZXIiOiA=\n/)

  const failing = await dlq(place, 'retry')
  expect(failing.code).toBe(1)
  expect(failing.text).toMatch(/^1 {2}failed again: HANDLER_FAILED {2}.*odd: 1$/m)
  expect(failing.text).toMatch(/^4 {2}failed again: DECODE_FAILED /m)
  expect(failing.text).toMatch(/^4 dead letters: 4 left$/m)

  place.configure(configOf({ HANDLER: './mended.ts' }))
  const one = await dlq(place, 'retry', '2')
  expect([one.code, one.text]).toEqual([0, '2  done\n1 dead letter: 1 delivered, 0 left\n'])
  expect(numbersIn(place)).toEqual([0, 2, 4, 3])
  const rest = await dlq(place, 'retry')
  expect(rest.code).toBe(1)
  expect(rest.text).toMatch(/^3 dead letters: 1 delivered, 2 left$/m)
  expect(numbersIn(place)).toEqual([0, 2, 4, 3, 1])

  const left = await dlq(place, 'ls', '--json')
  expect(
    left.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  ).toMatchObject([
    {
      sink: 'rejects',
      number: '3',
      stream: 'archive',
      id: 'input.ndjson#6',
      route: 'numbers',
      code: 'HANDLER_FAILED',
      attempts: 2
    },
    { number: '4', id: 'input.ndjson#7', code: 'DECODE_FAILED', attempts: 1 }
  ])
  expect((await dlq(place, 'drop', '4')).text).toBe('4  dropped\n')
  expect((await dlq(place, 'drop', '4')).code).toBe(1)

  place.configure(configOf({ FILTER: 'number != 5' }))
  expect((await dlq(place, 'retry')).text).toMatch(/^1 dead letter: 1 filtered, 0 left$/m)
  expect((await dlq(place, 'ls')).text).toBe('no dead letters\n')
  expect(place.read('rejects.ndjson'), 'the records themselves').toBe(kept)
})

test('DEDUPE is left out of a retry', async () => {
  await using place = new Workplace(configOf(), files)
  for (let run = 0; run < 2; run++) await place.start().end()
  place.configure(configOf({ HANDLER: './mended.ts' }))
  await place.start().end()
  expect(numbersIn(place)).toEqual([0, 2, 4, 1, 3])
  expect((await dlq(place, 'retry', '1', '5')).text).toBe('1  done\n5  done\n2 dead letters: 2 delivered, 0 left\n')
  expect(numbersIn(place)).toEqual([0, 2, 4, 1, 3, 1, 1])
})

test('what cannot be retried stays, and is told', async () => {
  await using place = new Workplace(configOf(), files)
  await place.start().end()
  place.configure(JSON.parse(JSON.stringify(configOf()).replace('"ID":"archive"', '"ID":"renamed"')))
  const stray = await dlq(place, 'retry', '1')
  expect(stray.code).toBe(1)
  expect(stray.text).toMatch(/^1 {2}failed again: NO_ROUTE {2}there is no active stream archive now, only renamed$/m)
  place.configure(JSON.parse(JSON.stringify(configOf()).replace('"numbers":{', '"others":{')))
  expect((await dlq(place, 'retry', '1')).text).toMatch(/^1 {2}failed again: NO_ROUTE {2}no key of TOPIC_HANDLERS/m)
  expect((await dlq(place, 'ls')).text).toMatch(/4 dead letters/)
  expect(existsSync(`${place.folder}/.alertstreams/dead-letters-done.ndjson`)).toBe(false)
})

test('a sink that is away: nothing is marked, and it gives up', async () => {
  await using place = new Workplace(configOf(), files)
  await place.start().end()
  const config = JSON.stringify(configOf({ HANDLER: './mended.ts' }))
  place.configure(JSON.parse(config.replace('out.ndjson', 'input.ndjson/out.ndjson')))
  const start = Date.now()
  const { code, text } = await dlq(place, 'retry', '1', '2', '--timeout', '2s')
  expect(Date.now() - start).toBeLessThan(8000)
  expect(code).toBe(1)
  expect(text).toMatch(/sink out is unavailable/)
  expect(text).toMatch(/nothing was done for 2 s: giving up/)
  expect(text).toMatch(/^1 {2}not done: given up\n2 {2}not done: given up\n2 dead letters: 2 left$/m)
  expect((await dlq(place, 'ls')).text).toMatch(/4 dead letters/)
})

test.each([
  [['ls', 'nothere.yaml'], 2, /no such file/],
  [['show'], 2, /show which/],
  [['drop'], 2, /drop which/],
  [['frob'], 2, /say what: ls, show, retry, drop/],
  [['ls', '--sink', 'out'], 2, /no DEAD_LETTER names the sink out; there are rejects, STATE_DIR/],
  [['retry', '--timeout', 'soon'], 2, /--timeout must be/],
  [['ls', '--what'], 2, /there is no option --what/],
  [['retry', '99'], 1, /there is no dead letter 99/]
])('%s is refused', async (args, code, text) => {
  await using place = new Workplace(configOf(), files)
  expect(await dlq(place, ...args)).toEqual({ code, text: expect.stringMatching(text) })
})
