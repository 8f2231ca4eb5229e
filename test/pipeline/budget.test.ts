import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Budget } from '../../src/pipeline/budget.ts'

const TOTAL = 1200

/** What streams do with their shares: ask for room, take without asking, give back. */
const steps = fc.array(
  fc.record({
    stream: fc.nat(2),
    what: fc.constantFrom('admit', 'admit', 'charge', 'release'),
    bytes: fc.integer({ min: 1, max: 300 })
  }),
  { maxLength: 200, size: 'max' }
)

describe('Budget', () => {
  test('no stream can take what is kept for another, whatever the others do', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 2, max: 3 }), (run, streams) => {
        const budget = new Budget(TOTAL, streams)
        const reserve = Math.floor(TOTAL / 2 / streams)
        const shares = Array.from({ length: streams }, () => budget.share())
        const held = shares.map((): number[] => [])
        for (const { stream, what, bytes } of run) {
          const share = shares[stream % streams]!
          const own = held[stream % streams]!
          const before = share.used
          if (what === 'charge') {
            share.charge(bytes)
            own.push(bytes)
          } else if (what === 'release') {
            const last = own.pop()
            if (last !== undefined) share.release(last)
          } else if (share.admit(bytes)) {
            own.push(bytes)
          } else {
            expect(before, 'the first is always admitted').toBeGreaterThan(0)
            expect(before + bytes, 'a reserve is for its stream alone').toBeGreaterThan(reserve)
            expect(share.used).toBe(before)
          }
          expect(share.used).toBe(own.reduce((sum, one) => sum + one, 0))
        }
        for (const [index, share] of shares.entries()) for (const bytes of held[index]!) share.release(bytes)
        for (const share of shares) expect(share.admit(share.most), 'nothing is left charged').toBe(true)
      })
    )
  })

  test('what is admitted stays within the total, but for one message a stream', () => {
    const asked = fc.array(fc.record({ stream: fc.nat(2), bytes: fc.integer({ min: 1, max: 300 }) }), {
      maxLength: 200,
      size: 'max'
    })
    fc.assert(
      fc.property(asked, (run) => {
        const budget = new Budget(TOTAL, 3)
        const shares = [budget.share(), budget.share(), budget.share()]
        for (const { stream, bytes } of run) shares[stream]!.admit(bytes)
        expect(shares.reduce((sum, { used }) => sum + used, 0)).toBeLessThanOrEqual(TOTAL + 3 * 300)
        for (const share of shares) expect(share.used).toBeLessThanOrEqual(share.most + 300)
      })
    )
  })

  test('a release wakes whoever waits, and aborting does too', async () => {
    const budget = new Budget(100, 2)
    const [one, other] = [budget.share(), budget.share()]
    one.charge(50)
    const stop = new AbortController()
    const woken: string[] = []
    const waits = [
      one.wait(stop.signal).then(() => woken.push('one')),
      other.wait(stop.signal).then(() => woken.push('other'))
    ]
    await new Promise(setImmediate)
    expect(woken).toEqual([])
    one.release(50)
    await Promise.all(waits)
    const wait = one.wait(stop.signal)
    stop.abort()
    await wait
    await one.wait(stop.signal)
  })
})
