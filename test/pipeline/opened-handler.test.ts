import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import type { Handler, HandlerSetup, OpenHandler } from '../../src/contract/handler.ts'
import { readiness } from '../../src/observe/ready.ts'
import { MemoryApp, routeOf } from '../fakes/app.ts'

/** A program with one route, whose handler says what is done with it. */
class Bench {
  readonly app = new MemoryApp()
  readonly history: string[] = []
  setup: HandlerSetup | undefined

  constructor(call: Handler, more: Partial<OpenHandler> = {}, over = {}) {
    const open = (setup: HandlerSetup): OpenHandler => {
      this.setup = setup
      this.history.push('open')
      return { call, close: async () => void this.history.push('close'), ...more }
    }
    const route = routeOf(undefined, { handler: { name: 'program', open }, deadLetter: 'dead', timeout: 0.1, ...over })
    this.source = this.app.stream('one', [route])
  }

  readonly source
}

test('a handler is opened before anything is read, and closed when all is done', async () => {
  const bench = new Bench(async () => {
    bench.history.push('call')
    await sleep(20)
    bench.history.push('done')
  })
  bench.source.bring('alerts', 2)
  bench.source.end()
  expect(bench.history).toEqual([])
  await bench.app.run()
  expect(bench.history).toEqual(['open', 'call', 'done', 'call', 'done', 'close'])
  expect(bench.setup?.timeout).toBe(0.1)
})

test('a handler is closed too when its stream fails for good', async () => {
  const bench = new Bench(() => Promise.reject(new Error('no')), {}, { deadLetter: undefined })
  bench.source.bring('alerts', 1)
  expect(await bench.app.run()).toMatchObject({ failed: true })
  expect(bench.history).toEqual(['open', 'close'])
})

test('a handler that keeps the time itself may let a call wait longer than TIMEOUT', async () => {
  const slow: Handler = () => sleep(300).then(() => undefined)
  for (const [keepsTime, counts] of [
    [true, { handled: 1 }],
    [false, { deadLettered: 1 }]
  ] as const) {
    const { app, source } = new Bench(slow, { keepsTime })
    source.bring('alerts', 1)
    source.end()
    await app.run()
    expect(app.row()).toMatchObject(counts)
  }
})

test('while a handler says why calls wait, the state shows it and nothing is ready', async () => {
  const gate = Promise.withResolvers<void>()
  const bench = new Bench(() => gate.promise, { keepsTime: true })
  bench.source.bring('alerts', 1)
  const ended = bench.app.run()
  await vi.waitFor(() => expect(bench.setup).toBeDefined())
  bench.setup?.waiting('worker 1 exited with code 1')
  const now = () => readiness(bench.app.account.streams, {})
  await vi.waitFor(() =>
    expect(now().reasons).toEqual(['alerts of alerts in stream one wait: worker 1 exited with code 1'])
  )
  bench.setup?.waiting(undefined)
  expect(now()).toEqual({ ready: true, reasons: [] })
  gate.resolve()
  bench.source.end()
  await ended
})

test('calls that failed are counted, those that were repeated with success too', async () => {
  let calls = 0
  const bench = new Bench(
    (alert) => {
      const { number } = alert.payload() as { number: number }
      calls++
      if (number === 0 || (number === 1 && calls < 6)) throw new Error('no')
    },
    {},
    { retry: { attempts: 3, backoff: 0.001 }, concurrency: 1 }
  )
  bench.source.bring('alerts', 3)
  bench.source.end()
  await bench.app.run()
  // Three for the first, two for the second.
  expect(bench.app.account.stream('one').failedCalls).toBe(5)
  expect(bench.app.row()).toMatchObject({ deadLettered: 1, handled: 2 })
})
