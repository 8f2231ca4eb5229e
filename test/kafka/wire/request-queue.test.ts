import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { patchKafkajs } from '../../../src/kafka/wire/index.ts'
import { loadPart } from '../../../src/kafka/wire/replacement.ts'
import { pristine } from './pristine.ts'

interface Queue {
  push(request: { entry: object; expectResponse: boolean; sendRequest(): void }): void
  fulfillRequest(response: { correlationId: number; size: number; payload: Buffer }): void
  maybeThrottle(milliseconds: number): void
  checkPendingRequests(): void
  destroy(): void
}
type QueueClass = new (options: object) => Queue

patchKafkajs()
const file = 'network/requestQueue/index.js'
const Ours = loadPart(file) as QueueClass
const quiet = { debug() {}, warn() {} }

function open(Class: QueueClass, maxInFlightRequests: number | null = null) {
  const queue = new Class({
    maxInFlightRequests,
    requestTimeout: 30_000,
    clientId: 'test',
    broker: 'test',
    logger: quiet
  })
  const sent: number[] = []
  const push = (correlationId: number) =>
    queue.push({
      entry: { correlationId, resolve() {}, reject() {} },
      expectResponse: true,
      sendRequest: () => sent.push(correlationId)
    })
  const answer = (correlationId: number) => queue.fulfillRequest({ correlationId, size: 0, payload: Buffer.alloc(0) })
  return { queue, sent, push, answer, checks: vi.spyOn(queue, 'checkPendingRequests') }
}

describe('the queue of requests', () => {
  test('rests when it is idle; the original spins', async () => {
    const [ours, theirs] = [open(Ours), open(pristine<QueueClass>(file))]
    for (const { push, answer, checks } of [ours, theirs]) {
      push(1)
      answer(1)
      checks.mockClear()
    }
    await sleep(2000)
    theirs.queue.destroy()
    expect(ours.checks).not.toHaveBeenCalled()
    expect(theirs.checks.mock.calls.length).toBeGreaterThan(50)
  })

  test('holds requests back while it is throttled, then sends them in order', async () => {
    const { queue, sent, push } = open(Ours)
    queue.maybeThrottle(300)
    const start = performance.now()
    for (const id of [1, 2, 3]) push(id)
    expect(sent).toEqual([])
    await vi.waitFor(() => expect(sent).toEqual([1, 2, 3]), { timeout: 5000, interval: 5 })
    expect(performance.now() - start).toBeGreaterThan(290)
  })

  test('sends what waited for room when there is room', async () => {
    const { sent, push, answer, checks } = open(Ours, 1)
    for (const id of [1, 2, 3]) push(id)
    expect(sent).toEqual([1])
    answer(1)
    expect(sent).toEqual([1, 2])
    answer(2)
    answer(3)
    expect(sent).toEqual([1, 2, 3])
    await sleep(50)
    checks.mockClear()
    await sleep(100)
    expect(checks).not.toHaveBeenCalled()
  })
})
