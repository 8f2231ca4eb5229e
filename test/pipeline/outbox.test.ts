import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { Account } from '../../src/pipeline/account.ts'
import { Outbox } from '../../src/pipeline/outbox.ts'
import type { Work } from '../../src/pipeline/work.ts'
import { RecordingLog } from '../contract/log.ts'
import { type Behaviour, type MemoryPlaced, MemorySink, UNPLACEABLE, unavailable } from '../fakes/sink.ts'
import { MemoryOwner } from '../fakes/work.ts'

function bench(behave?: Behaviour) {
  const sink = new MemorySink(behave)
  const abandon = new AbortController()
  const account = new Account()
  const log = new RecordingLog()
  const outbox = new Outbox('target', sink, { account: account.sink('target'), log, abandon: abandon.signal })
  return { sink, outbox, abandon, account, log, row: account.sink('target') }
}

/** Puts messages for these targets, all made from one work. */
function put(outbox: Outbox, work: Work, targets: readonly string[], value: unknown = work.message.bytes): void {
  work.expect(targets.length)
  for (const topic of targets) outbox.put(work, { topic, value })
}

const writes = fc.record({
  how: fc.constantFrom('taken', 'taken', 'slow', 'refused', 'half taken'),
  rejected: fc.array(fc.nat(5), { maxLength: 2 })
})
const cases = fc.record({
  works: fc.array(
    fc.record({
      stream: fc.nat(1),
      targets: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }),
      pause: fc.boolean()
    }),
    { minLength: 1, maxLength: 40, size: 'max' }
  ),
  writes: fc.array(writes, { minLength: 1, maxLength: 6 }),
  /** After so many works the second stream does not know what is still its own; a part of it is not. */
  doubt: fc.option(fc.record({ after: fc.nat(20), lost: fc.nat(3) }), { nil: undefined })
})

type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never

describe('Outbox', () => {
  test('whatever sinks do, nothing is lost, out of order, or acknowledged early, and the account adds up', async () => {
    const seed = Date.now()
    // Beside each other, since each waits for its retries in real time.
    const samples = fc.sample(cases, { seed, numRuns: 60 })
    await Promise.all(samples.map((one) => survive(one).catch((cause) => fail(cause, seed, one))))
  }, 60_000)

  function fail(cause: unknown, seed: number, one: unknown): never {
    throw new Error(`seed ${seed}: ${JSON.stringify(one)}`, { cause })
  }

  async function survive({ works: plan, writes, doubt }: Case): Promise<void> {
    let calls = 0
    const failed = new Map<string, readonly MemoryPlaced[]>()
    const safe = new Set<string>()
    const inPlace = (one: MemoryPlaced) => `${one.target} ${one.source.stream} ${one.source.message.id}`
    const { sink, outbox, account, row } = bench(async (batch) => {
      const { how, rejected } = writes[calls++ % writes.length]!
      const { target } = batch[0]!
      const before = failed.get(target)
      if (before !== undefined && doubt === undefined) expect(batch, 'another array after a fault').toBe(before)
      failed.delete(target)
      expect(account.mismatches()).toEqual([])
      if (how === 'slow') await pause(3)
      if ((how === 'refused' || how === 'half taken') && calls < 8) {
        if (how === 'half taken') sink.written.push(...batch.slice(0, batch.length >> 1))
        failed.set(target, batch)
        throw unavailable()
      }
      const indexes = new Set(rejected.filter((index) => index < batch.length))
      for (const one of batch) safe.add(inPlace(one))
      return [...indexes].map((index) => ({ index, code: 'SINK_REJECTED', reason: 'not this one' }))
    })
    const owners = [new MemoryOwner('first'), new MemoryOwner('second')]
    const made: { work: Work; targets: readonly string[] }[] = []
    const lost = new Set<string>()
    for (const owner of owners) {
      owner.onSettled = (work) => {
        if (work.delivery.stale) return
        const { targets } = made.find((one) => one.work === work)!
        for (const target of targets) {
          expect(safe, 'acknowledged early').toContain(`${target} ${work.stream} ${work.message.id}`)
        }
      }
    }
    for (const [index, { stream, targets, pause: rests }] of plan.entries()) {
      if (doubt?.after === index) owners[1]!.source.doubt()
      const work = owners[stream]!.take()
      made.push({ work, targets })
      put(outbox, work, targets)
      if (rests) await pause(1)
    }
    owners[1]!.source.decide(({ offset }) => {
      const goes = doubt !== undefined && Number(offset) % 4 < doubt.lost
      if (goes) lost.add(`second alerts/0/${offset}`)
      return goes
    })
    await vi.waitFor(() => expect(owners[0]!.open + owners[1]!.open).toBe(0), 30_000)
    await outbox.close()

    expect(account.mismatches()).toEqual([])
    expect(row.inFlight).toBe(0)
    expect(sink.overlaps).toBe(0)
    for (const { source, share, row } of owners) {
      expect(source.settledTwice).toEqual([])
      expect(share.used).toBe(0)
      expect(row.inFlight).toBe(0)
    }
    for (const { work, targets } of made) {
      const name = `${work.stream} ${work.message.id}`
      if (lost.has(name)) continue
      for (const target of targets) expect(safe).toContain(`${target} ${name}`)
    }
    for (const target of ['a', 'b', 'c']) {
      for (const stream of ['first', 'second']) {
        const ofBoth = sink.written.filter((one) => one.target === target && one.source.stream === stream)
        const firsts = [...new Set(ofBoth.map(({ source }) => Number(source.message.offset)))]
        expect(firsts).toEqual(firsts.toSorted((a, b) => a - b))
      }
    }
  }

  test('what gathers while a write is under way goes into the next one', async () => {
    const sizes: number[] = []
    const gate = Promise.withResolvers<void>()
    const { outbox } = bench(async (batch) => {
      sizes.push(batch.length)
      if (sizes.length === 1) await gate.promise
    })
    const owner = new MemoryOwner()
    put(outbox, owner.take(), ['a'])
    await vi.waitFor(() => expect(sizes).toEqual([1]))
    for (let n = 0; n < 50; n++) put(outbox, owner.take(), ['a'])
    gate.resolve()
    await vi.waitFor(() => expect(owner.open).toBe(0))
    expect(sizes).toEqual([1, 50])
    await outbox.close()
  })

  test('a target that is away does not hold up another', async () => {
    const { outbox, sink, abandon } = bench((batch) => {
      if (batch[0]!.target === 'away') throw unavailable()
    })
    const owner = new MemoryOwner()
    put(outbox, owner.take(), ['away'])
    put(outbox, owner.take(), ['there'])
    await vi.waitFor(() => expect(owner.open).toBe(1))
    expect(sink.ids()).toEqual(['alerts/0/1'])
    expect(outbox.reason).toMatch(/away/)
    abandon.abort()
    await outbox.close()
  })

  test('a stream that must wait does not hold up another, and goes on in its order', async () => {
    const { outbox, sink, row } = bench()
    const [sure, unsure] = [new MemoryOwner('sure'), new MemoryOwner('unsure')]
    unsure.source.doubt()
    for (let n = 0; n < 3; n++) {
      put(outbox, unsure.take(), ['a'])
      put(outbox, sure.take(), ['a'])
      await pause(1)
    }
    await vi.waitFor(() => expect(sure.open).toBe(0))
    expect(unsure.open).toBe(3)
    unsure.source.decide(({ offset }) => offset === '1')
    put(outbox, unsure.take(), ['a'])
    await vi.waitFor(() => expect(unsure.open).toBe(0))
    const numbers = sink.written
      .filter(({ source }) => source.stream === 'unsure')
      .map((one) => one.source.message.offset)
    expect(numbers).toEqual(['0', '2', '3'])
    expect(unsure.source.acked.size).toBe(3)
    expect(unsure.row.givenBack).toBe(1)
    expect(row).toMatchObject({ taken: 6, written: 6, inFlight: 0 })
    await outbox.close()
  })

  test('giving up ends a write that does not end, and one that never succeeds', async () => {
    for (const behave of [() => new Promise<void>(() => {}), () => Promise.reject(unavailable())]) {
      const { outbox, abandon, account } = bench(behave)
      const owner = new MemoryOwner()
      put(outbox, owner.take(), ['a'])
      await pause(20)
      const start = Date.now()
      abandon.abort()
      await outbox.close()
      expect(Date.now() - start).toBeLessThan(1000)
      expect(owner.open).toBe(1)
      expect(account.mismatches()).toEqual([])
    }
  })

  test('a sink that opens late gets everything; one that nobody needs can be closed while it opens', async () => {
    const { outbox, sink } = bench()
    sink.refusals.push(unavailable(), unavailable())
    const owner = new MemoryOwner()
    put(outbox, owner.take(), ['a'])
    await vi.waitFor(() => expect(owner.open).toBe(0), 5000)
    expect(sink.connects).toBe(3)
    await outbox.close()

    const { outbox: unused, sink: away } = bench()
    away.refusals.push(...Array.from({ length: 100 }, () => unavailable()))
    unused.connect()
    await pause(20)
    await unused.close()
    expect(away.closes).toBe(1)
  })

  test('what cannot be placed is thrown back at once and is not counted', () => {
    const { outbox, row } = bench()
    const owner = new MemoryOwner()
    expect(() => outbox.put(owner.take(), { value: UNPLACEABLE })).toThrow(/cannot be placed/)
    expect(row.taken).toBe(0)
  })

  test('copies are charged until they are written', async () => {
    const gate = Promise.withResolvers<void>()
    const { outbox } = bench(() => gate.promise)
    const owner = new MemoryOwner()
    const work = owner.take()
    const before = owner.share.used
    put(outbox, work, ['a', 'b'], new Uint8Array(1000))
    expect(owner.share.used).toBe(before + 2000)
    gate.resolve()
    await vi.waitFor(() => expect(owner.share.used).toBe(0))
    await outbox.close()
  })
})
