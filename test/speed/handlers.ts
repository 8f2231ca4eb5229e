import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { codecOf } from '../../src/codecs/usual.ts'
import { commandHandler } from '../../src/command/index.ts'
import { functionHandler, type Handler, type RouteHandler } from '../../src/contract/handler.ts'
import { ztfAlerts } from '../../src/generate/index.ts'
import { MemoryApp, routeOf } from '../fakes/app.ts'
import { messageOf } from '../fakes/message.ts'
import { spreadOf } from './measure.ts'
import { slope } from './slope.ts'

/**
 * `npm run speed:handlers [ROUNDS]`: one handler in TypeScript and in Python, through the whole program from a source in
 * memory to a sink in memory, by turns, so that whatever else the machine does meets all alike.
 */
const ROUNDS = Number(process.argv[2] ?? 5)
const WARM = 200
const COUNT = 2000
const REAL = join(import.meta.dirname, '../../../shared/data/ztf')
const FIELDS = ['candid', 'candidate.jd', 'candidate.fid', 'candidate.magpsf', 'prv_candidates']

const packets = existsSync(REAL)
  ? readdirSync(REAL).map((name) => readFileSync(join(REAL, name)))
  : [...ztfAlerts(1).take(100)].map(({ bytes }) => Buffer.from(bytes))

const python = (workers: number): RouteHandler =>
  commandHandler({
    name: 'python3 slope.py',
    file: '/usr/bin/env',
    args: ['python3', '-m', 'alertstreams', 'slope.py'],
    folder: import.meta.dirname,
    workers,
    cutouts: false,
    strict: false,
    startTimeout: 60
  })

const contestants: Readonly<Record<string, { readonly handler: RouteHandler; readonly fields?: readonly string[] }>> = {
  TypeScript: { handler: functionHandler('slope.ts', slope as Handler) },
  'Python, 1 worker': { handler: python(1) },
  'Python, 2 workers': { handler: python(2) },
  'Python, 1 worker, FIELDS': { handler: python(1), fields: FIELDS }
}

const rates: Record<string, number[]> = {}
let expected: string | undefined
for (let round = 1; round <= ROUNDS; round++) {
  for (const [name, { handler, fields }] of Object.entries(contestants)) {
    const { rate, results } = await run(handler, fields)
    expected ??= results
    if (results !== expected) throw new Error(`${name} has other results: ${results.slice(0, 200)}`)
    rates[name] = [...(rates[name] ?? []), rate]
  }
}
report()

/** Alerts a second from the source to the sink, and what was published. */
async function run(handler: RouteHandler, fields: readonly string[] | undefined) {
  const app = new MemoryApp()
  app.bufferBytes = 32_000_000
  const route = routeOf(undefined, {
    handler,
    codec: () => codecOf('avro'),
    fields: fields?.map((path) => path.split('.')),
    orderBy: 'none',
    concurrency: handler.concurrency ?? 16
  })
  const source = app.stream('ztf', [route])
  const written = app.sinks.out!.written
  const publish = (from: number, count: number) =>
    source.publish(
      ...Array.from({ length: count }, (_, n) => messageOf(from + n, { bytes: packets[n % packets.length]! }))
    )
  const ended = app.run()
  publish(0, WARM)
  while (written.length < WARM) await sleep(1)
  const start = performance.now()
  publish(WARM, COUNT)
  while (written.length < WARM + COUNT) await sleep(1)
  const rate = COUNT / ((performance.now() - start) / 1000)
  source.end()
  await ended
  const values = written.map(({ outgoing }) =>
    JSON.stringify(outgoing.value, (_, value) => (typeof value === 'bigint' ? String(value) : rounded(value)))
  )
  return { rate, results: [...new Set(values)].toSorted().join('\n') }
}

/** Python adds up in another order of rounding. */
function rounded(value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(9)) : value
}

function report(): void {
  const base = rates.TypeScript!
  console.log(
    `${COUNT} alerts of ZTF (${existsSync(REAL) ? 'real' : 'synthetic'}), ${ROUNDS} rounds, ${cpus().length} processors`
  )
  console.log('| Handler | alerts/s | of TypeScript |\n| --- | --- | --- |')
  for (const [name, values] of Object.entries(rates)) {
    const { median, least, most } = spreadOf(values)
    const share = spreadOf(values.map((value, round) => value / base[round]!))
    console.log(
      `| ${name} | ${median.toFixed(0)} (${least.toFixed(0)} to ${most.toFixed(0)}) | ${(100 * share.median).toFixed(0)} % |`
    )
  }
}
