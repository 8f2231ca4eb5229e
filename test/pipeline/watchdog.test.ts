import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { Account } from '../../src/pipeline/account.ts'
import { Watchdog } from '../../src/pipeline/watchdog.ts'
import { RecordingLog } from '../contract/log.ts'
import { streamSetup } from '../contract/stream-bench.ts'
import { RunningApp } from '../fakes/running-app.ts'
import { MemorySource } from '../fakes/stream.ts'

const stalls = (app: RunningApp) => app.log.texts('error').filter((text) => text.includes('stands still'))

function sourceOf(settings: Partial<MemorySource>): MemorySource {
  return Object.assign(new MemorySource(), { patience: 0.2, tellsBacklog: true, ...settings })
}

test('a stream that stands still with messages at the source is reopened, and they come', async () => {
  const source = sourceOf({})
  await using app = new RunningApp(source)
  source.bring('a', 3)
  await vi.waitFor(() => expect(source.acked.size).toBe(3))
  source.frozen = true
  source.bring('a', 4)
  await vi.waitFor(() => expect(source.acked.size).toBe(7), 3000)
  expect(stalls(app)).toEqual([expect.stringMatching(/nothing came for 0 s, and the source has 4 more/)])
  expect(app.account).toMatchObject({ stalls: 1, state: 'reading' })
  expect(app.account.topics.a).toMatchObject({ received: 7, handled: 7, inFlight: 0 })
  expect(source.opened).toBe(2)
})

test('a stream without anything at the source is left alone', async () => {
  const source = sourceOf({})
  await using app = new RunningApp(source)
  await sleep(1000)
  expect(source.opened).toBe(1)
  expect(app.account.stalls).toBe(0)
})

test('work in flight is no stall, however long it takes', async () => {
  const source = sourceOf({})
  const gate = Promise.withResolvers<void>()
  await using app = new RunningApp(source, { call: () => gate.promise })
  // More than the budget of 1000 bytes holds.
  source.bring('a', 800)
  await sleep(1000)
  expect(source.backlog).toBeGreaterThan(100)
  expect(source.opened).toBe(1)
  gate.resolve()
  await vi.waitFor(() => expect(source.acked.size).toBe(800), 5000)
  expect(app.account.stalls).toBe(0)
})

test('a source that does not answer is not taken for one that has more', async () => {
  const source = sourceOf({ frozen: true })
  const answers: (() => Promise<number | undefined>)[] = [
    () => Promise.reject(new Error('the broker is away')),
    async () => undefined,
    async () => 5
  ]
  let asked = 0
  await using app = new RunningApp(source, {
    // One doubt in three: the time begins anew each time.
    make: (setup) => Object.assign(source.open(setup), { backlog: () => answers[asked++ % 3]!() })
  })
  source.bring('a', 5)
  await sleep(1000)
  expect(asked).toBeGreaterThan(10)
  expect(source.opened).toBe(1)
  expect(app.account.stalls).toBe(0)
})

test('where reopening brings nothing it is repeated more and more rarely', async () => {
  const nothing = new MemorySource()
  const stubborn = { patience: 0.05, backlog: async () => 7 }
  await using app = new RunningApp(nothing, {
    make: (setup) => Object.assign(nothing.open(setup), stubborn)
  })
  await sleep(1600)
  // After 0.05 s, and then 0.1, 0.2, 0.4, 0.8.
  expect(app.account.stalls).toBeGreaterThanOrEqual(3)
  expect(app.account.stalls).toBeLessThanOrEqual(5)
})

test('a source that cannot tell is reopened after its patience, as a matter of course', async () => {
  const source = sourceOf({ tellsBacklog: false, frozen: true })
  await using app = new RunningApp(source)
  source.bring('a', 2)
  await vi.waitFor(() => expect(source.acked.size).toBe(2), 3000)
  expect(app.log.texts('info').filter((text) => text.includes('reopening the stream'))).toHaveLength(1)
  expect(stalls(app)).toEqual([])
  expect(app.account.stalls).toBe(0)
})

test('a source that cannot tell is reopened, however often its metrics are asked for', async () => {
  const source = sourceOf({ tellsBacklog: false, frozen: true })
  await using app = new RunningApp(source)
  source.bring('a', 2)
  const scrapes = setInterval(() => app.app.streams[0]!.backlog(), 20)
  try {
    await vi.waitFor(() => expect(source.acked.size).toBe(2), 3000)
  } finally {
    clearInterval(scrapes)
  }
})

test('a source that had its reason for silence, which somebody else has heard, gets its time anew', async () => {
  const log = new RecordingLog()
  const watchdog = new Watchdog(new Account().stream('one'), log)
  const source = sourceOf({ patience: 0.4 })
  source.bring('a', 2)
  const stalled = watchdog.watch(source.open(streamSetup()))
  for (let times = 0; times < 10; times++) {
    await sleep(100)
    watchdog.excuse()
  }
  expect(stalled.aborted).toBe(false)
  await vi.waitFor(() => expect(stalled.aborted).toBe(true), 3000)
  watchdog.rest()
})
