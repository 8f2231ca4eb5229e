import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Delivery } from '../../src/contract/stream.ts'
import { Intake } from '../../src/google/intake.ts'
import type { Received } from '../../src/google/pubsub.ts'
import { TestRoom } from '../contract/index.ts'

type Outcome = 'open' | 'acked' | 'nacked'

/** One delivery of a message as the source makes it: a handle that can be used once. */
class Handle implements Received {
  readonly id: string
  readonly data = Buffer.alloc(10)
  readonly attributes = {}
  readonly publishTime = new Date(0)
  outcome: Outcome = 'open'

  constructor(id: string) {
    this.id = id
  }

  async ackWithResponse() {
    this.#settle('acked')
  }

  nack() {
    this.#settle('nacked')
  }

  #settle(outcome: Outcome) {
    if (this.outcome !== 'open') throw new Error(`${this.id} was ${this.outcome} before`)
    this.outcome = outcome
  }
}

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('receive' as const), id: fc.integer({ min: 0, max: 5 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('take' as const) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('ack' as const, 'nack' as const), which: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const) }) }
  ),
  { maxLength: 60 }
)

test('a message in flight runs once, whatever is redelivered, and every handle is settled like its run', () => {
  fc.assert(
    fc.property(steps, (script) => {
      const intake = new Intake({ acked: () => {}, refused: () => {} })
      const room = new TestRoom(35)
      const handles = new Map<string, Handle[]>()
      const inFlight = new Map<string, Delivery>()
      let stopped = false
      const settle = (delivery: Delivery, how: 'ack' | 'nack') => {
        const { id, size } = delivery.message
        const mine = handles.get(id) ?? []
        delivery[how]()
        expect(new Set(mine.map(({ outcome }) => outcome))).toEqual(new Set([`${how}ed`]))
        handles.delete(id)
        inFlight.delete(id)
        room.release(size)
        // Harmless late and twice.
        delivery.ack()
        delivery.nack()
      }
      for (const step of script) {
        if (step.do === 'receive') {
          const handle = new Handle(`m${step.id}`)
          intake.receive('t', handle)
          if (stopped && !inFlight.has(handle.id)) expect(handle.outcome).toBe('nacked')
          else handles.set(handle.id, [...(handles.get(handle.id) ?? []), handle])
        } else if (step.do === 'take') {
          for (const delivery of intake.take(room)) {
            expect(inFlight.has(delivery.message.id)).toBe(false)
            inFlight.set(delivery.message.id, delivery)
          }
          expect(room.held).toBeLessThanOrEqual(room.most)
        } else if (step.do === 'stop') {
          intake.stop()
          stopped = true
          for (const [id, given] of handles) {
            if (inFlight.has(id)) continue
            expect(given.every(({ outcome }) => outcome === 'nacked')).toBe(true)
            handles.delete(id)
          }
          expect(intake.ready).toBe(false)
        } else if (inFlight.size > 0) {
          settle([...inFlight.values()][step.which % inFlight.size]!, step.do)
        }
      }
      intake.abandon()
      const open = [...handles.values()].flat().filter(({ outcome }) => outcome !== 'nacked')
      expect(open).toEqual([])
    })
  )
})

test('attributes and ordering key arrive as headers and key, and are charged for', () => {
  const intake = new Intake({ acked: () => {}, refused: () => {} })
  const received = Object.assign(new Handle('1'), { attributes: { band: 'r', 'kafka.topic': 'ü' }, orderingKey: 'k' })
  intake.receive('t', received)
  const [delivery] = intake.take(new TestRoom())
  expect(delivery).toMatchObject({ partition: 't/k', message: { topic: 't', id: '1', offset: undefined } })
  expect(delivery?.message.headers.map(([name, value]) => [name, Buffer.from(value ?? []).toString()])).toEqual([
    ['band', 'r'],
    ['kafka.topic', 'ü']
  ])
  expect(delivery?.message.key).toEqual(Buffer.from('k'))
  expect(delivery?.message.size).toBe(10 + 'band'.length + 1 + 'kafka.topic'.length + 2 + 1)
})

test('an acknowledgement that an exactly-once subscription refuses is reported', async () => {
  const refused: unknown[] = []
  const intake = new Intake({ acked: () => refused.push('acked'), refused: ({ id }, error) => refused.push(id, error) })
  const error = new Error('FAILED_PRECONDITION')
  intake.receive('t', Object.assign(new Handle('1'), { ackWithResponse: () => Promise.reject(error) }))
  intake.take(new TestRoom())[0]?.ack()
  await expect.poll(() => refused).toEqual(['1', error])
})
