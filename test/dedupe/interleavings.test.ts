import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Message } from '../../src/contract/alert.ts'
import { messageOf } from '../fakes/message.ts'
import { type MemoryPlaced, MemorySink } from '../fakes/sink.ts'
import { MemorySource } from '../fakes/stream.ts'
import { lifeOf } from './bench.ts'

interface Plan {
  readonly key: number | null
  readonly partition: number
  readonly fate: 'delivered' | 'thrown' | 'rejected'
  /** Turns of the event loop in the handler, and before its write is answered. */
  readonly handling: number
  readonly writing: number
}

const plan: fc.Arbitrary<Plan> = fc.record({
  key: fc.option(fc.integer({ min: 0, max: 3 }), { freq: 6 }),
  partition: fc.integer({ min: 0, max: 2 }),
  fate: fc.oneof({ weight: 4, arbitrary: fc.constant('delivered' as const) }, fc.constantFrom('thrown', 'rejected')),
  handling: fc.integer({ min: 0, max: 3 }),
  writing: fc.integer({ min: 0, max: 3 })
})
/** After so many writes the process dies: before the target has what is being written, or right behind it. */
const crash = fc.record({ writes: fc.integer({ min: 1, max: 6 }), before: fc.boolean() })

const planOf = (message: Message) => JSON.parse(String(message.bytes)) as Plan
const plansIn = (sink: MemorySink) => sink.written.map(({ source }) => planOf(source.message))

it('whatever fails, waits and crashes: no key is lost, none comes twice but for a crash', {
  timeout: 120_000
}, async () => {
  let twins = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(plan, { minLength: 1, maxLength: 40, size: 'max' }),
      fc.array(crash, { maxLength: 3 }),
      async (plans, crashes) => {
        const stateDir = mkdtempSync(join(tmpdir(), 'dedupe-'))
        const source = new MemorySource()
        plans.forEach((one, number) => {
          source.publish(messageOf(number, { partition: one.partition, bytes: Buffer.from(JSON.stringify(one)) }))
        })
        source.end()
        const written = new MemorySink()
        const rejects = new MemorySink()
        for (const dying of [...crashes, undefined]) {
          const out = new MemorySink()
          const life = lifeOf({ stateDir, open: source.open, out, deadLetters: rejects, handler: handle })
          let writes = 0
          out.behave = async (batch) => {
            await turns(Math.max(...batch.map(({ source }) => planOf(source.message).writing)))
            if (dying && ++writes === dying.writes) {
              if (dying.before) life.crash()
              else setImmediate(life.crash)
            }
            return rejectionsOf(batch)
          }
          await life.run()
          expect(life.app.account.mismatches()).toEqual([])
          expectOrder(out)
          for (const [, count] of Map.groupBy(
            plansIn(out).filter(({ key }) => key !== null),
            ({ key }) => key
          ))
            expect(count).toHaveLength(1)
          written.written.push(...out.written)
          expectNothingLost(source, written, rejects)
          twins += life.count('deduplicated')
          if (dying === undefined || writes < dying.writes) break
        }
        expect(source.acked.size).toBe(plans.length)
        expect(source.settledTwice).toEqual([])
        rmSync(stateDir, { recursive: true })
      }
    ),
    { numRuns: 150 }
  )
  expect(twins).toBeGreaterThan(1000)
})

async function handle(message: Message): Promise<{ value: Uint8Array }> {
  const { handling, fate } = planOf(message)
  await turns(handling)
  if (fate === 'thrown') throw new Error('no')
  return { value: message.bytes! }
}

async function turns(count: number): Promise<void> {
  for (let turned = 0; turned < count; turned++) await turn()
}

function rejectionsOf(batch: readonly MemoryPlaced[]) {
  return batch.flatMap(({ source }, index) =>
    planOf(source.message).fate === 'rejected' ? [{ index, code: 'SINK_REJECTED', reason: 'no' }] : []
  )
}

/** What was acknowledged is written, or a dead letter, or has a twin that is written. */
function expectNothingLost(source: MemorySource, written: MemorySink, rejects: MemorySink): void {
  const there = new Set([...written.ids(), ...rejects.ids()])
  const keys = new Set(plansIn(written).map(({ key }) => key))
  for (const message of source.messages) {
    if (!source.acked.has(message.id) || there.has(message.id)) continue
    const { key } = planOf(message)
    expect(key !== null && keys.has(key), `${message.id} with the key ${key}`).toBe(true)
  }
}

function expectOrder(out: MemorySink): void {
  const last = new Map<number, number>()
  for (const { source } of out.written) {
    const { partition, offset } = source.message
    expect(Number(offset)).toBeGreaterThan(last.get(partition!) ?? -1)
    last.set(partition!, Number(offset))
  }
}
