import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { AlertStreamsError } from '../../src/contract/errors.ts'
import type { Handler } from '../../src/contract/handler.ts'
import { compileExpression, compileFilter } from '../../src/filter/index.ts'
import { MemoryApp, routeOf } from '../fakes/app.ts'
import { messageOf } from '../fakes/message.ts'
import { MemorySink, UNPLACEABLE, unavailable } from '../fakes/sink.ts'

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)
const messages = (count: number) => upTo(count).map((number) => messageOf(number))
const numberOf = (alert: { readonly offset: string | undefined }) => Number(alert.offset)
const rejectAll = (batch: readonly unknown[]) =>
  batch.map((_, index) => ({ index, code: 'SINK_REJECTED', reason: 'never' }))

describe('an alert', () => {
  test('is acknowledged when every sink has answered, and not before', async () => {
    const app = new MemoryApp()
    const gate = Promise.withResolvers<void>()
    app.sinks.second = new MemorySink(() => gate.promise)
    const source = app.stream('one', [routeOf(undefined, { sinks: ['out', 'second'] })])
    source.publish(messageOf(0))
    source.end()
    const ended = app.run()
    await vi.waitFor(() => expect(app.sinks.out!.written).toHaveLength(1))
    await pause(20)
    expect(source.acked.size).toBe(0)
    expect(app.row()).toMatchObject({ received: 1, inFlight: 1, delivered: 0 })
    gate.resolve()
    expect(await ended).toEqual({ failed: false, abandoned: false })
    expect(source.acked.size).toBe(1)
    expect(app.row()).toMatchObject({ received: 1, inFlight: 0, delivered: 1 })
  })

  test('is republished as it came; what a handler gives goes where it says', async () => {
    const app = new MemoryApp()
    app.sinks.other = new MemorySink()
    const source = app.stream('one', [
      routeOf((alert) => {
        if (numberOf(alert) === 0) return alert
        if (numberOf(alert) === 1)
          return [
            { value: { n: 1 }, key: 'k' },
            { value: null, sink: 'other', topic: 'there' }
          ]
        return undefined
      })
    ])
    const whole = messageOf(0, { key: Buffer.from('key'), headers: [['h', null]] })
    source.publish(whole, messageOf(1), messageOf(2))
    source.end()
    await app.run()
    const [asItCame, made] = app.sinks.out!.written
    expect(asItCame!.outgoing).toEqual({ value: whole.bytes, headers: whole.headers, key: whole.key })
    expect(made!.outgoing).toMatchObject({ value: { n: 1 }, key: 'k' })
    expect(app.sinks.other.written).toMatchObject([{ target: 'there', outgoing: { value: null } }])
    expect(app.row()).toMatchObject({ received: 3, delivered: 2, handled: 1 })
  })

  test('reaches a sink that no route names when the handler names it, which is opened then and not before', async () => {
    const app = new MemoryApp()
    Object.assign(app.sinks, { shared: new MemorySink(), unused: new MemorySink() })
    app.onDemand.push('shared', 'unused')
    const { shared, unused } = app.sinks
    shared!.refusals.push(unavailable('nobody is there'))
    const source = app.stream('one', [routeOf(() => ({ sink: 'shared', value: 'from the handler' }), { sinks: [] })])
    const ended = app.run()
    await vi.waitFor(() => expect(app.readiness).toEqual({ ready: true, reasons: [] }))
    expect([shared!.connects, unused!.connects]).toEqual([0, 0])
    source.publish(messageOf(0))
    await vi.waitFor(() => expect(app.readiness.reasons).toEqual(['sink shared is unavailable: nobody is there']))
    source.end()
    expect(await ended).toEqual({ failed: false, abandoned: false })
    expect(shared!.written.map(({ outgoing }) => outgoing.value)).toEqual(['from the handler'])
    expect([shared!.connects, unused!.connects]).toEqual([2, 0])
    expect(source.acked.size).toBe(1)
    expect(app.readiness.ready).toBe(true)
  })

  test('that the filter turns down goes nowhere and is done', async () => {
    const app = new MemoryApp()
    const source = app.stream('one', [routeOf(undefined, { filter: compileFilter('number >= 3') })])
    source.publish(...messages(5))
    source.end()
    await app.run()
    expect(app.sinks.out!.ids()).toEqual(['alerts/0/3', 'alerts/0/4'])
    expect(app.row()).toMatchObject({ received: 5, filtered: 3, delivered: 2 })
    expect(source.acked.size).toBe(5)
  })

  test('that the stream ignores reaches no handler', async () => {
    const app = new MemoryApp()
    const source = app.stream('one', [routeOf()])
    source.ignores = ({ offset }) => offset === '0'
    source.publish(...messages(2))
    source.end()
    await app.run()
    expect(app.row()).toMatchObject({ received: 2, skipped: 1, delivered: 1 })
    expect(source.acked.size).toBe(2)
  })

  test('waits for those before it in its partition, or of its ORDER_BY, or for none', async () => {
    const orders = { partition: undefined, key: compileExpression('number % 2'), none: 'none' } as const
    const most: Record<string, number> = {}
    for (const [name, orderBy] of Object.entries(orders)) {
      let active = 0
      const app = new MemoryApp()
      const source = app.stream('one', [
        routeOf(
          async () => {
            active++
            most[name] = Math.max(most[name] ?? 0, active)
            await pause(2)
            active--
          },
          { orderBy, concurrency: 3 }
        )
      ])
      source.publish(...messages(12))
      source.end()
      await app.run()
      expect(app.row()).toMatchObject({ handled: 12 })
    }
    expect(most).toEqual({ partition: 1, key: 2, none: 3 })
  })
})

describe('the account of a stream', () => {
  test.for(['constructor', '__proto__', 'toString'])('counts a topic that is called %s', async (topic) => {
    const app = new MemoryApp()
    const source = app.stream('one', [routeOf(undefined, { key: '*' })])
    source.bring(topic, 3)
    source.end()
    await app.run()
    expect(Object.entries(app.account.stream('one').topics)).toEqual([
      [topic, expect.objectContaining({ received: 3, delivered: 3, inFlight: 0 })]
    ])
    expect(app.account.mismatches()).toEqual([])
  })

  test('of more topics than anybody reads puts those that came first together, but what is in flight', async () => {
    const app = new MemoryApp()
    const gate = Promise.withResolvers<void>()
    const slow: Handler = (alert) => (alert.topic === 'night_3' ? gate.promise : undefined)
    const source = app.stream('one', [routeOf(slow, { key: '*', concurrency: 10 })], {
      heartbeats: [{ topic: 'night_1199', every: 1000 }]
    })
    const topics = Array.from({ length: 1200 }, (_, night) => `night_${night}`)
    for (const topic of topics) source.bring(topic, 1)
    const ended = app.run()
    await vi.waitFor(() => expect(source.acked.size).toBe(1199), 15_000)
    const { topics: rows } = app.account.stream('one')
    expect(Object.keys(rows)).toHaveLength(1001)
    expect(rows['(earlier topics)']).toMatchObject({ received: 200, handled: 200, inFlight: 0 })
    expect(rows.night_3).toMatchObject({ received: 1, inFlight: 1 })
    // One that is among them comes again.
    source.bring('night_0', 2)
    gate.resolve()
    source.end()
    await ended
    expect(rows.night_0).toMatchObject({ received: 2, handled: 2 })
    expect(rows['(earlier topics)']).toMatchObject({ received: 201 })
    expect(Object.values(rows).reduce((sum, { received }) => sum + received, 0)).toBe(1202)
    expect(app.account.mismatches()).toEqual([])
  })
})

describe('a failed alert', () => {
  test('is called again as RETRY says, and is a dead letter with its reason when that does not help', async () => {
    const app = new MemoryApp()
    const calls = new Map<number, number>()
    const source = app.stream('one', [
      routeOf(
        async (alert) => {
          const call = (calls.get(numberOf(alert)) ?? 0) + 1
          calls.set(numberOf(alert), call)
          if (numberOf(alert) === 1 && call < 3) throw new Error('not yet')
          if (numberOf(alert) === 2) throw new TypeError('never')
          return alert
        },
        { retry: { attempts: 3, backoff: 0.001 }, deadLetter: 'dead' }
      )
    ])
    source.publish(...messages(4).map((one) => ({ ...one, key: Buffer.from('k') })))
    source.end()
    expect(await app.run()).toMatchObject({ failed: false })
    expect([...calls.entries()].sort()).toEqual([
      [0, 1],
      [1, 3],
      [2, 3],
      [3, 1]
    ])
    expect(app.sinks.out!.ids()).toEqual(['alerts/0/0', 'alerts/0/1', 'alerts/0/3'])
    const [dead] = app.sinks.dead!.written
    expect(dead!.source.failure).toMatchObject({ code: 'HANDLER_FAILED', attempts: 3 })
    expect(dead!.source.failure!.reason).toMatch(/never/)
    expect(dead!.source.failure!.stack).toMatch(/pipeline\.test\.ts/)
    expect(dead!.outgoing).toMatchObject({ value: source.messages[2]!.bytes, key: Buffer.from('k') })
    expect(app.row()).toMatchObject({ received: 4, delivered: 3, deadLettered: 1 })
    expect(source.acked.size).toBe(4)
  })

  test('whose bytes cannot be decoded is not tried again', async () => {
    const app = new MemoryApp()
    let calls = 0
    const source = app.stream('one', [
      routeOf(
        (alert) => {
          calls++
          alert.payload()
        },
        { retry: { attempts: 5, backoff: 10 }, deadLetter: 'dead' }
      )
    ])
    source.publish(messageOf(0, { bytes: Buffer.from('{broken') }))
    source.end()
    await app.run()
    expect(calls).toBe(1)
    expect(app.sinks.dead!.written[0]!.source.failure).toMatchObject({ code: 'DECODE_FAILED' })
  })

  test('whose handler does not settle is HANDLER_TIMEOUT, and the handler is told', async () => {
    const app = new MemoryApp()
    let told: boolean | undefined
    const source = app.stream('one', [
      routeOf(
        (_, { signal }) =>
          new Promise(() => {
            signal.addEventListener('abort', () => (told = true))
          }),
        { timeout: 0.05, deadLetter: 'dead' }
      )
    ])
    source.publish(messageOf(0))
    source.end()
    await app.run()
    expect(app.sinks.dead!.written[0]!.source.failure).toMatchObject({ code: 'HANDLER_TIMEOUT', attempts: 1 })
    expect(told).toBe(true)
  })

  test.each([
    [
      'the handler',
      () => {
        throw new Error('no')
      },
      'HANDLER_FAILED'
    ],
    ['what it returned', () => 7 as never, 'HANDLER_FAILED'],
    ['the sink that it named', () => ({ sink: 'nowhere', value: 1 }), 'HANDLER_FAILED'],
    ['its place', () => ({ value: UNPLACEABLE }), 'SINK_REJECTED']
  ])('is a dead letter by %s', async (_, handler, code) => {
    const app = new MemoryApp()
    const source = app.stream('one', [routeOf(handler, { deadLetter: 'dead' })])
    source.publish(messageOf(0))
    source.end()
    await app.run()
    expect(app.sinks.dead!.written.map(({ source }) => source.failure!.code)).toEqual([code])
    expect(app.row()).toMatchObject({ received: 1, deadLettered: 1, inFlight: 0 })
  })

  test.each(['FILTER', 'KEY', 'ORDER_BY'])('is a dead letter when %s cannot be evaluated', async (which) => {
    const app = new MemoryApp()
    const bad = 'int("x" + string(number)) > 0'
    const over = {
      FILTER: { filter: compileFilter(bad) },
      KEY: { publishKey: compileExpression(bad) },
      ORDER_BY: { orderBy: compileExpression(bad) }
    }[which]
    const source = app.stream('one', [routeOf(undefined, { deadLetter: 'dead', ...over })])
    source.publish(messageOf(0))
    source.end()
    await app.run()
    expect(app.sinks.dead!.written[0]!.source.failure).toMatchObject({ code: 'FILTER_FAILED' })
  })

  test('that several sinks reject is one dead letter, and reaches the sink that takes it', async () => {
    const app = new MemoryApp()
    app.sinks.no = new MemorySink(rejectAll)
    app.sinks.never = new MemorySink(rejectAll)
    const source = app.stream('one', [routeOf(undefined, { sinks: ['no', 'out', 'never'], deadLetter: 'dead' })])
    source.publish(messageOf(0))
    source.end()
    await app.run()
    expect(app.sinks.dead!.written).toHaveLength(1)
    expect(app.sinks.out!.written).toHaveLength(1)
    expect(app.row()).toMatchObject({ received: 1, deadLettered: 1, delivered: 0 })
    expect(app.account.sink('no')).toMatchObject({ taken: 1, rejected: 1, inFlight: 0 })
    expect(source.acked.size).toBe(1)
    expect(source.settledTwice).toEqual([])
  })

  test('without a key in TOPIC_HANDLERS is NO_ROUTE, and the stream says where it goes', async () => {
    const app = new MemoryApp()
    const source = app.stream('one', [routeOf()], { deadLetter: 'dead' })
    source.publish(messageOf(0, { topic: 'another' }), messageOf(1))
    source.end()
    await app.run()
    expect(app.sinks.dead!.written[0]!.source).toMatchObject({ failure: { code: 'NO_ROUTE' }, route: undefined })
    expect(app.row('one', 'another')).toMatchObject({ received: 1, deadLettered: 1 })
    expect(app.row()).toMatchObject({ delivered: 1 })
  })

  test('is counted and left out by ON_FAILURE: skip, and holds nothing of the budget', async () => {
    const app = new MemoryApp()
    app.bufferBytes = 1500
    app.sinks.no = new MemorySink(rejectAll)
    const source = app.stream('one', [
      routeOf(
        (alert) =>
          numberOf(alert) % 2 === 0
            ? [{ value: UNPLACEABLE }, { value: Buffer.alloc(700) }, { value: Buffer.alloc(700), sink: 'no' }]
            : { value: Buffer.alloc(700), sink: 'no' },
        { onFailure: 'skip' }
      )
    ])
    source.publish(...messages(20))
    source.end()
    await app.run()
    expect(app.row()).toMatchObject({ received: 20, skipped: 20, inFlight: 0 })
    expect(source.acked.size).toBe(20)
    expect(app.account.mismatches()).toEqual([])
  })

  test('stops its stream without a dead letter, is not acknowledged, and leaves the others alone', async () => {
    const app = new MemoryApp()
    const source = app.stream('one', [
      routeOf(async (alert) => {
        await pause(1)
        if (numberOf(alert) === 5) throw new Error('this one')
        return alert
      })
    ])
    const other = app.stream('two', [routeOf()])
    source.publish(...messages(10))
    other.publish(...messages(10))
    const ended = app.run()
    await vi.waitFor(() => expect(app.account.stream('one').state).toBe('failed'))
    other.publish(messageOf(10))
    await vi.waitFor(() => expect(other.acked.size).toBe(11))
    other.end()
    expect(await ended).toEqual({ failed: true, abandoned: false })
    expect([...source.acked].sort()).toEqual(upTo(5).map((n) => `alerts/0/${n}`))
    expect(source.nacked).toContain('alerts/0/5')
    expect(app.row()).toMatchObject({ received: 10, delivered: 5, givenBack: 5, inFlight: 0 })
    expect(source.settledTwice).toEqual([])
    expect(app.log.texts('error').join()).toMatch(/DEAD_LETTER/)
  })
})

describe('a dead letter', () => {
  const failing = (app: MemoryApp) => {
    app.sinks.dead = new MemorySink(rejectAll)
    const throws = () => {
      throw new Error('the reason')
    }
    return app.stream('one', [routeOf(throws, { deadLetter: 'dead' })])
  }

  test('that its sink refuses is kept in a file', async () => {
    const app = new MemoryApp()
    const stateDir = await mkdtemp(join(tmpdir(), 'memory-app-'))
    app.stateDir = join(stateDir, 'state')
    const source = failing(app)
    source.publish(...messages(2))
    source.end()
    expect(await app.run()).toMatchObject({ failed: false })
    expect(app.row()).toMatchObject({ received: 2, deadLettered: 2, inFlight: 0 })
    expect(source.acked.size).toBe(2)
    const lines = (await readFile(join(app.stateDir, 'refused-dead-letters.ndjson'), 'utf8')).trim().split('\n')
    const kept = lines.map((line) => JSON.parse(line)).sort((a, b) => a.offset - b.offset)
    expect(kept).toMatchObject([{ offset: '0', code: 'HANDLER_FAILED' }, { offset: '1' }])
    await rm(stateDir, { recursive: true })
  })

  test('that can be kept nowhere stops the stream and is not acknowledged', async () => {
    const app = new MemoryApp()
    const folder = await mkdtemp(join(tmpdir(), 'memory-app-'))
    app.stateDir = join(folder, 'in-the-way', 'state')
    await writeFile(join(folder, 'in-the-way'), '')
    const source = failing(app)
    source.publish(messageOf(0))
    expect(await app.run()).toMatchObject({ failed: true })
    expect(source.acked.size).toBe(0)
    expect(source.nacked).toEqual(['alerts/0/0'])
    expect(app.row()).toMatchObject({ givenBack: 1, inFlight: 0 })
    expect(app.log.lines.map(({ fields }) => fields.code)).toContain('DEAD_LETTER_FAILED')
    await rm(folder, { recursive: true })
  })

  test('waits for its target as any message does', async () => {
    const app = new MemoryApp()
    const source = failing(app)
    let calls = 0
    app.sinks.dead = new MemorySink(() => {
      if (calls++ === 0) throw unavailable()
    })
    source.publish(messageOf(0))
    source.end()
    await app.run()
    expect(app.row()).toMatchObject({ deadLettered: 1 })
    expect(app.sinks.dead.written).toHaveLength(1)
  })
})

describe('a stream', () => {
  test('that cannot connect, or breaks, is opened again, and nothing is lost', async () => {
    const app = new MemoryApp()
    const source = app.stream('one', [routeOf()])
    source.refusals.push(new AlertStreamsError('CONNECT_FAILED', 'nobody there'))
    source.publish(...messages(3))
    const ended = app.run()
    await vi.waitFor(() => expect(source.acked.size).toBe(3), 5000)
    source.current!.fail(new Error('cut'))
    await vi.waitFor(() => expect(source.opened).toBe(3), 5000)
    source.publish(messageOf(3))
    source.end()
    expect(await ended).toEqual({ failed: false, abandoned: false })
    expect(source.acked.size).toBe(4)
    expect(app.sinks.out!.ids()).toEqual(upTo(4).map((n) => `alerts/0/${n}`))
  })

  test('that breaks with work in hand gives it back and delivers it again', async () => {
    const app = new MemoryApp()
    const gate = Promise.withResolvers<void>()
    let calls = 0
    const source = app.stream('one', [
      routeOf(async (alert) => {
        if (calls++ === 0) await gate.promise
        return alert
      })
    ])
    source.publish(...messages(3))
    const ended = app.run()
    await vi.waitFor(() => expect(calls).toBe(1))
    source.current!.fail(new Error('cut'))
    await vi.waitFor(() => expect(source.opened).toBe(2), 5000)
    gate.resolve()
    source.end()
    await ended
    expect(source.acked.size).toBe(3)
    expect(app.row()).toMatchObject({ inFlight: 0, delivered: 3 })
    expect(source.settledTwice).toEqual([])
    expect(app.account.mismatches()).toEqual([])
  })

  test.each(['CREDENTIALS_REFUSED', 'SUBSCRIPTION_MISSING'] as const)('with %s is not opened again', async (code) => {
    const app = new MemoryApp()
    const source = app.stream('one', [routeOf()])
    const other = app.stream('two', [routeOf()])
    source.refusals.push(new AlertStreamsError(code, 'no', { remedy: 'Do something.' }))
    other.publish(...messages(3))
    other.end()
    expect(await app.run()).toEqual({ failed: true, abandoned: false })
    expect(source.opened).toBe(1)
    expect(app.account.stream('one')).toMatchObject({ state: 'failed' })
    expect(app.row('two')).toMatchObject({ delivered: 3 })
    expect(app.log.texts('error').join()).toMatch(/Do something/)
  })

  test('whose sink is away does not take the room of another', async () => {
    const app = new MemoryApp()
    app.bufferBytes = 10_000
    app.sinks.away = new MemorySink(() => {
      throw unavailable()
    })
    const stuck = app.stream('one', [routeOf(undefined, { sinks: ['away'] })])
    const other = app.stream('two', [routeOf()])
    stuck.publish(...messages(500))
    const ended = app.run()
    await vi.waitFor(() => expect(app.row()!.received).toBeGreaterThan(10))
    other.publish(...messages(500))
    await vi.waitFor(() => expect(other.acked.size).toBe(500), 5000)
    expect(app.row()!.received).toBeLessThan(100)
    app.stop.abort()
    app.abandon.abort()
    await ended
  })
})

describe('ending', () => {
  test('finishes what was taken, and takes no more', async () => {
    const app = new MemoryApp()
    const source = app.stream('one', [
      routeOf(async (alert) => {
        await pause(5)
        return alert
      })
    ])
    source.publish(...messages(10))
    const ended = app.run()
    await vi.waitFor(() => expect(app.row()?.received).toBe(10))
    app.stop.abort()
    source.publish(messageOf(10))
    expect(await ended).toEqual({ failed: false, abandoned: false })
    expect(source.acked.size).toBe(10)
    expect(app.row()).toMatchObject({ received: 10, delivered: 10 })
    expect(app.sinks.out!.closes).toBe(1)
  })

  test.each(['stop', 'skip', 'dead letter'] as const)(
    'after the deadline gives back what is at work, whatever is done about failures (%s)',
    async (policy) => {
      const app = new MemoryApp()
      const more = policy === 'dead letter' ? { deadLetter: 'dead' } : { onFailure: policy }
      const source = app.stream('one', [routeOf(() => new Promise(() => {}), { ...more, concurrency: 1 })])
      const stuck = app.stream('two', [routeOf(undefined, { sinks: ['away'] })])
      app.sinks.away = new MemorySink(() => new Promise(() => {}))
      source.publish(...messages(3))
      stuck.publish(...messages(3))
      const ended = app.run()
      await vi.waitFor(() => expect(app.row('one')?.received).toBe(3))
      await vi.waitFor(() => expect(app.row('two')?.received).toBe(3))
      await pause(20)
      app.stop.abort()
      app.abandon.abort()
      const start = Date.now()
      expect(await ended).toEqual({ failed: false, abandoned: true })
      expect(Date.now() - start).toBeLessThan(1000)
      expect(source.acked.size).toBe(0)
      expect(source.nacked).toHaveLength(3)
      for (const id of ['one', 'two']) expect(app.row(id)).toMatchObject({ received: 3, givenBack: 3, inFlight: 0 })
      expect(app.account.mismatches()).toEqual([])
      expect(app.sinks.dead!.written).toEqual([])
      expect(source.settledTwice).toEqual([])
    }
  )

  test('a handler that fails between two attempts when the deadline passes is given back', async () => {
    const app = new MemoryApp()
    const source = app.stream('one', [
      routeOf(
        () => {
          throw new Error('no')
        },
        { retry: { attempts: 5, backoff: 60 }, onFailure: 'skip' }
      )
    ])
    source.publish(messageOf(0))
    const ended = app.run()
    await vi.waitFor(() => expect(app.row()?.received).toBe(1))
    app.stop.abort()
    app.abandon.abort()
    await ended
    expect(source.acked.size).toBe(0)
    expect(app.row()).toMatchObject({ givenBack: 1 })
  })
})
