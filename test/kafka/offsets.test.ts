import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Tracker } from '../../src/kafka/offsets.ts'

/** Messages with holes between them (compacted, control records), and the order in which they finish. */
const runs = fc
  .array(fc.record({ hole: fc.nat(3), early: fc.boolean() }), { minLength: 1, maxLength: 60, size: 'max' })
  .chain((steps) =>
    fc.tuple(
      fc.constant(steps),
      fc.shuffledSubarray(
        steps.map((_, i) => i),
        { minLength: steps.length }
      )
    )
  )

test('the prefix never passes an unfinished message, and reaches the end', () => {
  fc.assert(
    fc.property(runs, fc.nat(1000), ([steps, order], start) => {
      const tracker = new Tracker('alerts', 3)
      tracker.startAt(start)
      const slots: { offset: number; slot: number }[] = []
      let offset = start
      for (const { hole } of steps) {
        offset += hole
        slots.push({ offset, slot: tracker.take(offset) })
        offset++
      }
      const unfinished = new Set(slots.map((one) => one.offset))
      for (const index of order) {
        const { offset, slot } = slots[index]!
        tracker.done(slot)
        unfinished.delete(offset)
        const first = Math.min(...unfinished)
        expect(tracker.prefix).toBeLessThanOrEqual(first)
        const finished = slots.filter((one) => one.offset < first)
        expect(tracker.prefix).toBe(finished.length === 0 ? start : finished.at(-1)!.offset + 1)
      }
      expect(tracker.prefix).toBe(offset)
      expect(tracker.unsettled).toBe(0)
    })
  )
})

test('taking and finishing may take turns in any way', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9), { maxLength: 300, size: 'max' }), fc.nat(5), (turns, skip) => {
      const tracker = new Tracker('alerts', 0)
      tracker.startAt(0)
      const open: { offset: number; slot: number }[] = []
      let offset = 0
      for (const turn of turns) {
        if (turn < 6) {
          open.push({ offset, slot: tracker.take(offset) })
          offset++
        } else if (turn < 7) {
          offset += skip
          tracker.skipTo(offset)
        } else if (open.length > 0) {
          tracker.done(open.splice((turn * 7) % open.length, 1)[0]!.slot)
        }
        expect(tracker.next).toBe(offset)
        expect(tracker.prefix).toBeLessThanOrEqual(Math.min(offset, ...open.map((one) => one.offset)))
        if (open.length === 0) expect(tracker.prefix).toBe(offset)
      }
    })
  )
})

test('it keeps nothing of what is finished, however many go through', () => {
  const tracker = new Tracker('alerts', 0)
  tracker.startAt(0)
  const first = tracker.take(0)
  for (let offset = 1; offset <= 20_000; offset++) tracker.done(tracker.take(offset))
  expect(tracker.unsettled).toBe(20_001)
  expect(tracker.prefix).toBe(0)
  tracker.done(first)
  expect(tracker).toMatchObject({ unsettled: 0, prefix: 20_001, next: 20_001 })
  const slot = tracker.take(20_001)
  tracker.done(slot)
  expect(tracker.prefix).toBe(20_002)
})
