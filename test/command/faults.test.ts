import { cpSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseJson, stringifyJson } from '../../src/codecs/json-text.ts'
import { type LogLine, Workplace } from '../end-to-end/program.ts'
import { codeAfter, faultyAlerts, kinds } from './faulty-alerts.ts'
import { describePython } from './python.ts'

const SEED = 20250302
const COUNT = 5000
const ATTEMPTS = 3
/** Seconds; a call that is not meant to hang takes far less, even on a machine that is busy. */
const TIMEOUT = 4

const alerts = faultyAlerts(COUNT, SEED)
const failing = alerts.filter((alert) => codeAfter(ATTEMPTS, alert) !== undefined)
const tried = ({ plan }: (typeof alerts)[number]) => Math.min(plan.length + 1, ATTEMPTS)

const CONFIG = {
  ALERT_STREAMS: [
    {
      NAME: 'ArchiveAlertStream',
      ID: 'night',
      OPTIONS: {
        PATH: 'in.ndjson',
        TOPIC_HANDLERS: {
          ztf: {
            HANDLER: { COMMAND: ['python3', 'faulty.py'], WORKERS: 4 },
            ORDER_BY: 'none',
            TIMEOUT,
            RETRY: { ATTEMPTS, BACKOFF: '20ms' },
            SINKS: 'out'
          }
        }
      },
      DEAD_LETTER: 'dead'
    }
  ],
  SINKS: {
    out: { NAME: 'FileSink', OPTIONS: { PATH: 'out.ndjson', FORMAT: 'payload' } },
    dead: { NAME: 'FileSink', OPTIONS: { PATH: 'dead.ndjson' } }
  }
}

interface DeadLetter {
  readonly code: string
  readonly attempts: number
  readonly reason: string
  readonly stack: string
  readonly value: string
}

const input = alerts.map(({ candid, objectId, magpsf, plan }) => {
  const text = stringifyJson({ candid, objectId, candidate: { magpsf }, plan })
  return JSON.stringify({ topic: 'ztf', id: String(candid), value: Buffer.from(text).toString('base64') })
})

describePython('a Python handler that crashes, hangs and writes garbage at random', () => {
  test(`loses none of ${COUNT} alerts, and each failure is accounted for`, { timeout: 600_000 }, async () => {
    await using place = new Workplace(CONFIG, { 'in.ndjson': `${input.join('\n')}\n` })
    cpSync(join(import.meta.dirname, 'programs/faulty.py'), join(place.folder, 'faulty.py'))
    const attempts = join(place.folder, 'attempts')
    mkdirSync(attempts)
    const program = place.start()
    expect(await program.end(500), program.output.slice(-5000)).toBe(0)

    // What is written: each alert that is not meant to fail for good, once, its id exact.
    const written = place
      .read('out.ndjson')
      .trimEnd()
      .split('\n')
      .map((line) => parseJson(line))
    const wanted = alerts.filter((alert) => codeAfter(ATTEMPTS, alert) === undefined)
    const byId = (a: unknown, b: unknown) =>
      (a as { candid: bigint }).candid < (b as { candid: bigint }).candid ? -1 : 1
    expect(written.toSorted(byId)).toEqual(
      wanted.map(({ candid, magpsf }) => ({ candid, twice: 2 * magpsf, topic: 'ztf' }))
    )

    // The others: dead letters, under the name of what went wrong last.
    const letters = place
      .read('dead.ndjson')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as DeadLetter)
    const candidOf = ({ value }: DeadLetter) =>
      (parseJson(Buffer.from(value, 'base64').toString()) as { candid: bigint }).candid
    const told = letters.map((letter) => [candidOf(letter), letter.code, letter.attempts])
    expect(told.toSorted(([a], [b]) => (a! < b! ? -1 : 1))).toEqual(
      failing.map((alert) => [alert.candid, codeAfter(ATTEMPTS, alert), ATTEMPTS])
    )
    for (const { reason } of letters)
      expect(reason).toMatch(/^handler python3 faulty.py: (worker [1-4] |ValueError: no fit)/)
    for (const { reason, stack } of letters)
      if (reason.includes('no fit')) expect(stack).toMatch(/faulty.py", line \d+/)

    // A crash costs one attempt of the one alert that it met.
    const sizes = readdirSync(attempts).map((name) => [name, statSync(join(attempts, name)).size])
    expect(Object.fromEntries(sizes)).toEqual(Object.fromEntries(alerts.map((alert) => [alert.candid, tried(alert)])))

    const { balanced, streams } = place.account()
    expect(balanced).toBe(true)
    expect(streams.night).toMatchObject({
      failedCalls: alerts.reduce((sum, { plan }) => sum + Math.min(plan.length, ATTEMPTS), 0),
      topics: { ztf: { received: COUNT, delivered: wanted.length, deadLettered: failing.length, inFlight: 0 } }
    })

    // What it printed is in the log, with the worker's number, and so is each end of a process.
    const lines = program.lines as readonly (LogLine & { readonly worker?: number })[]
    expect(lines.filter(({ msg, worker }) => /^attempt \d of \d+: /.test(msg) && worker).length).toBeGreaterThan(COUNT)
    const deaths = alerts.flatMap(({ plan }) => plan.slice(0, ATTEMPTS)).filter((fault) => fault !== 'raise')
    expect(lines.filter(({ msg, level }) => level === 40 && msg.endsWith('starting it again'))).toHaveLength(
      deaths.length
    )
  })
})

test('the plan has every fault, alone and on all attempts', () => {
  const first = new Set(alerts.flatMap(({ plan }) => plan))
  expect([...first].toSorted()).toEqual(kinds.toSorted())
  expect(failing.length).toBeGreaterThan(30)
  expect(new Set(failing.map((alert) => codeAfter(ATTEMPTS, alert))).size).toBe(2)
})
