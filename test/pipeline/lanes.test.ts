import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Lanes } from '../../src/pipeline/lanes.ts'
import type { Work } from '../../src/pipeline/work.ts'
import { MemoryOwner } from '../fakes/work.ts'

const entries = fc.array(
  fc.record({ key: fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { nil: undefined }), waits: fc.boolean() }),
  { maxLength: 60, size: 'max' }
)

describe('Lanes', () => {
  test('one at a time in a lane, in order, so many lanes at once, and all of them to the end', async () => {
    await fc.assert(
      fc.asyncProperty(entries, fc.integer({ min: 1, max: 4 }), fc.scheduler(), async (run, concurrency, scheduler) => {
        const owner = new MemoryOwner()
        const numbers = new Map<Work, number>()
        const busy = new Set<string>()
        const started: number[] = []
        const finished: number[] = []
        let active = 0
        const lanes = new Lanes(concurrency, (work) => {
          const number = numbers.get(work)!
          const { key, waits } = run[number]!
          started.push(number)
          expect(key !== undefined && busy.has(key), 'another of the lane is at work').toBe(false)
          expect(active).toBeLessThan(concurrency)
          if (!waits) {
            finished.push(number)
            return undefined
          }
          active++
          if (key !== undefined) busy.add(key)
          return scheduler.schedule(Promise.resolve(), `${number}`).then(() => {
            active--
            if (key !== undefined) busy.delete(key)
            finished.push(number)
          })
        })
        for (const [number, { key }] of run.entries()) {
          const work = owner.take()
          numbers.set(work, number)
          lanes.enter(key, work)
          if (number % 3 === 0) await scheduler.waitNext(0)
        }
        while (finished.length < run.length) {
          expect(scheduler.count(), 'nothing is at work and works are left').toBeGreaterThan(0)
          await scheduler.waitOne()
          await new Promise(setImmediate)
        }
        expect(started.toSorted((a, b) => a - b)).toEqual(run.map((_, number) => number))
        for (const key of ['a', 'b', 'c', 'd']) {
          const ofLane = finished.filter((number) => run[number]!.key === key)
          expect(ofLane).toEqual(ofLane.toSorted((a, b) => a - b))
        }
      })
    )
  })

  test('a work without a key waits for nobody but for a free place', async () => {
    const owner = new MemoryOwner()
    const started: Work[] = []
    const gates: (() => void)[] = []
    const lanes = new Lanes(2, (work) => {
      started.push(work)
      return new Promise<void>((resolve) => gates.push(resolve))
    })
    const works = [owner.take(), owner.take(), owner.take()]
    for (const work of works) lanes.enter(undefined, work)
    expect(started).toEqual(works.slice(0, 2))
    gates[1]!()
    await new Promise(setImmediate)
    expect(started).toEqual(works)
  })

  test('a lane that never empties does not keep the others waiting', async () => {
    const owner = new MemoryOwner()
    const started: string[] = []
    const keys = new Map<Work, string>()
    const lanes = new Lanes(1, async (work) => {
      const key = keys.get(work)!
      started.push(key)
      await null
      if (key === 'busy' && started.length < 100) enter('busy')
    })
    const enter = (key: string) => {
      const work = owner.take()
      keys.set(work, key)
      lanes.enter(key, work)
    }
    for (const key of ['busy', 'busy', 'busy', 'other', 'another', 'other']) enter(key)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(started.slice(0, 7)).toEqual(['busy', 'other', 'another', 'busy', 'other', 'busy', 'busy'])
    expect(started.length).toBeGreaterThan(100)
  })
})
