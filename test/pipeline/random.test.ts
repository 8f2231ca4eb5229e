import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Handler } from '../../src/contract/handler.ts'
import { compileFilter } from '../../src/filter/index.ts'
import { MemoryApp, routeOf } from '../fakes/app.ts'
import { messageOf } from '../fakes/message.ts'
import { type MemoryPlaced, MemorySink, UNPLACEABLE, unavailable } from '../fakes/sink.ts'

const fates = [
  'republished',
  'republished late',
  'made into two',
  'nothing',
  'filtered',
  'thrown',
  'thrown twice',
  'unplaceable',
  'undecodable',
  'rejected'
] as const

const cases = fc.record({
  alerts: fc.array(fc.record({ fate: fc.constantFrom(...fates), partition: fc.nat(2) }), {
    minLength: 1,
    maxLength: 60,
    size: 'max'
  }),
  policy: fc.constantFrom('dead letter', 'skip'),
  concurrency: fc.integer({ min: 1, max: 5 }),
  /** Bytes: few enough that the stream has to wait for room. */
  room: fc.integer({ min: 300, max: 5000 }),
  /** Which writes fail, in turn. */
  faults: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
  /** The source breaks after so many milliseconds. */
  cut: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
  /** Stopped after so many milliseconds, and given up a little later. */
  stop: fc.option(fc.record({ after: fc.integer({ min: 0, max: 40 }), patience: fc.integer({ min: 0, max: 40 }) }), {
    nil: undefined
  })
})
type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never

test('whatever happens to alerts, each is in one bucket, none is acknowledged too early, and the sums hold', async () => {
  const seed = Date.now()
  // Beside each other, since they wait for retries in real time.
  const samples = fc.sample(cases, { seed, numRuns: 60 })
  await Promise.all(
    samples.map((one) =>
      survive(one).catch((cause) => {
        throw new Error(`seed ${seed}: ${JSON.stringify(one)}`, { cause })
      })
    )
  )
}, 60_000)

async function survive({ alerts, policy, concurrency, room, faults, cut, stop }: Case): Promise<void> {
  const app = new MemoryApp()
  app.bufferBytes = room
  const fateOf = (offset: string | undefined) => alerts[Number(offset)]!.fate
  let writes = 0
  const behave = (batch: readonly MemoryPlaced[]) => {
    expect(app.account.mismatches()).toEqual([])
    if (faults[writes++ % faults.length] && writes < 10) throw unavailable()
    return batch.flatMap(({ source }, index) => {
      const never = source.failure === undefined && fateOf(source.message.offset) === 'rejected'
      return never ? [{ index, code: 'SINK_REJECTED', reason: 'never' }] : []
    })
  }
  app.sinks.out = new MemorySink(behave)
  app.sinks.dead = new MemorySink(behave)
  const calls = new Map<string, number>()
  const handler: Handler = async (alert) => {
    const call = (calls.get(alert.id) ?? 0) + 1
    calls.set(alert.id, call)
    const fate = fateOf(alert.offset)
    if (fate === 'nothing') return undefined
    if (fate === 'republished late') await pause(5)
    if (fate === 'thrown' || (fate === 'thrown twice' && call < 3)) throw new Error('thrown')
    if (fate === 'made into two') return [alert, { value: Buffer.alloc(200), topic: 'second' }]
    if (fate === 'unplaceable') return [{ value: UNPLACEABLE }, alert, { value: Buffer.alloc(500) }]
    return alert
  }
  const source = app.stream('one', [
    routeOf(handler, {
      filter: compileFilter('fate != "filtered"'),
      concurrency,
      retry: { attempts: 3, backoff: 0.001 },
      ...(policy === 'skip' ? { onFailure: 'skip' } : { deadLetter: 'dead' })
    })
  ])
  for (const [number, { fate, partition }] of alerts.entries()) {
    const bytes = Buffer.from(fate === 'undecodable' ? '{' : JSON.stringify({ fate }))
    source.publish(messageOf(number, { partition, bytes }))
  }
  source.end()
  const ended = app.run()
  if (cut !== undefined) setTimeout(() => source.current?.fail(new Error('cut')), cut)
  if (stop !== undefined) {
    setTimeout(() => app.stop.abort(), stop.after)
    setTimeout(() => app.abandon.abort(), stop.after + stop.patience)
  }
  expect(await ended).toMatchObject({ failed: false })

  expect(app.account.mismatches()).toEqual([])
  expect(source.settledTwice).toEqual([])
  expect(app.sinks.out.overlaps + app.sinks.dead.overlaps).toBe(0)
  const row = app.row()
  if (row !== undefined) expect(row.inFlight).toBe(0)
  if (stop === undefined) expect(source.acked.size).toBe(alerts.length)
  for (const [number, { fate }] of alerts.entries()) {
    const { id } = source.messages[number]!
    if (!source.acked.has(id)) continue
    const out = app.sinks.out.written.filter((one) => one.source.message.id === id).map(({ target }) => target)
    const dead = app.sinks.dead.written.filter((one) => one.source.message.id === id)
    const failed = ['thrown', 'unplaceable', 'undecodable', 'rejected'].includes(fate)
    if (policy === 'dead letter') expect(dead.length > 0, `${id} ${fate}`).toBe(failed)
    if (fate === 'nothing' || fate === 'filtered') expect(out).toEqual([])
    else if (fate === 'made into two') expect(new Set(out)).toEqual(new Set(['alerts', 'second']))
    else if (!failed) expect(out.length, `${id} ${fate}`).toBeGreaterThan(0)
  }
}
