import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { compileExpression, compileFilter } from '../../src/filter/index.ts'
import { messageOf } from '../fakes/message.ts'
import { MemorySink } from '../fakes/sink.ts'
import { MemorySource } from '../fakes/stream.ts'
import { type Bench, lifeOf } from './bench.ts'

let stateDir: string
let source: MemorySource
let out: MemorySink
let rejects: MemorySink

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'dedupe-'))
  source = new MemorySource()
  out = new MemorySink()
  rejects = new MemorySink()
})
afterEach(() => rmSync(stateDir, { recursive: true, force: true }))

function publish(...payloads: readonly unknown[]): void {
  payloads.forEach((payload, number) => {
    source.publish(messageOf(number, { bytes: Buffer.from(JSON.stringify(payload)) }))
  })
  source.end()
}

const life = (more: Partial<Bench> = {}) => lifeOf({ stateDir, open: source.open, out, deadLetters: rejects, ...more })

const keys = (sink: MemorySink) => sink.written.map(({ source }) => JSON.parse(String(source.message.bytes)).key)

it('an alert whose key was delivered goes no further, also in the next life', async () => {
  publish({ key: 'a' }, { key: 'b' }, { key: 'a' }, { key: null }, {}, { key: 'a' })
  const first = life()
  await first.run()
  expect(keys(out)).toEqual(['a', 'b', null, undefined])
  expect(first.count('deduplicated')).toBe(2)
  source = new MemorySource()
  publish({ key: 'b' }, { key: 'c' })
  const second = life()
  await second.run()
  expect(keys(out).slice(4)).toEqual(['c'])
  expect(second.count('deduplicated')).toBe(1)
})

it('what was filtered is not recorded, and not looked up', async () => {
  publish({ key: 'a', good: false }, { key: 'a', good: true }, { key: 'a', good: false })
  const one = life({ route: { filter: compileFilter('good') } })
  await one.run()
  expect(out.ids()).toEqual(['alerts/0/1'])
  expect([one.count('filtered'), one.count('deduplicated')]).toEqual([2, 0])
})

it('what is a dead letter is not recorded, so that its twin has its turn', async () => {
  publish({ key: 'a', fails: true }, { key: 'a' }, { key: 'a' })
  const handler = (alert: { payload(): unknown }) => {
    if ((alert.payload() as { fails?: boolean }).fails) throw new Error('no')
    return { value: 'yes' }
  }
  const one = life({ handler })
  await one.run()
  expect(out.ids()).toEqual(['alerts/0/1'])
  expect(rejects.ids()).toEqual(['alerts/0/0'])
  expect(one.count('deduplicated')).toBe(1)
})

it('a handler that returned nothing has delivered nothing, unless its route has no SINKS', async () => {
  publish({ key: 'a' }, { key: 'a' }, { key: 'a' })
  const handler = () => {}
  const withSinks = life({ handler })
  await withSinks.run()
  expect([withSinks.count('handled'), withSinks.count('deduplicated')]).toEqual([3, 0])
  source.acked.clear()
  const without = life({ handler, route: { sinks: [] } })
  await without.run()
  expect([without.count('handled'), without.count('deduplicated')]).toEqual([1, 2])
})

it('a KEY that cannot be evaluated makes a dead letter', async () => {
  publish({ key: 'a' })
  await life({ route: { dedupe: { key: compileExpression('key + 1'), window: 60 } } }).run()
  expect(rejects.written[0]!.source.failure).toMatchObject({ code: 'FILTER_FAILED' })
})

it('a twin that waits holds up its own lane, in order, and no other', async () => {
  const gate = Promise.withResolvers<void>()
  out.behave = () => gate.promise
  source.publish(messageOf(0, { bytes: Buffer.from('{"key":"a"}') }))
  source.publish(messageOf(1, { bytes: Buffer.from('{"key":"a"}') }))
  source.publish(messageOf(2, { bytes: Buffer.from('{"key":"b"}') }))
  source.publish(messageOf(3, { bytes: Buffer.from('{"key":"c"}'), partition: 1 }))
  source.end()
  const handled: string[] = []
  const one = life({
    handler: ({ id }) => {
      handled.push(id)
      return { value: id }
    }
  })
  const run = one.run()
  await delay(50)
  expect(handled).toEqual(['alerts/0/0', 'alerts/1/3'])
  gate.resolve()
  await run
  expect(handled).toEqual(['alerts/0/0', 'alerts/1/3', 'alerts/0/2'])
  expect(one.count('deduplicated')).toBe(1)
})

it('with one handler at a time and a budget for two alerts nothing waits for ever', { timeout: 10_000 }, async () => {
  publish(...Array.from({ length: 60 }, (_, i) => ({ key: i % 3, number: i })))
  out.behave = async () => delay(5).then(() => [])
  const one = life({ route: { concurrency: 1 }, bufferBytes: 250 })
  await one.run()
  expect(one.count('delivered')).toBe(3)
  expect(one.count('deduplicated')).toBe(57)
})
