import { afterEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/pipeline/clock.ts'

afterEach(() => void vi.restoreAllMocks())

test('one sleeps until a time, and not beyond a signal', async () => {
  const began = performance.now()
  await systemClock.sleepUntil(Date.now() + 100, new AbortController().signal)
  expect(performance.now() - began).toBeGreaterThan(98)
  await systemClock.sleepUntil(Date.now() + 1e6, AbortSignal.timeout(50))
  expect(performance.now() - began).toBeLessThan(1000)
})

test('one wakes where the clock is put back, and not where it stands', async () => {
  const now = Date.now()
  const clock = vi.spyOn(Date, 'now').mockReturnValue(now)
  let woke = false
  const sleeping = systemClock.sleepUntil(now + 50, new AbortController().signal).then(() => {
    woke = true
  })
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(woke).toBe(false)
  clock.mockReturnValue(now - 3600_000)
  await sleeping
})
