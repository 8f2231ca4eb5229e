import { describe, test } from 'vitest'
import { PATIENCE } from './reading.ts'
import { ackTests } from './stream-acks.ts'
import { type Check, StreamBench, type StreamHarness } from './stream-bench.ts'
import { contentTests } from './stream-content.ts'
import { limitTests } from './stream-limits.ts'

/** What every stream owes its caller, tested on a real source. */
export function streamContract(name: string, harness: StreamHarness): void {
  const check: Check = (title, body) => {
    test(title, { timeout: 3 * PATIENCE }, async () => {
      const bench = new StreamBench(harness, await harness.setUp())
      await body(bench).catch(async (error: unknown) => {
        await bench.tearDown().catch(() => {})
        throw error
      })
      await bench.tearDown()
    })
  }
  describe(`${name}: the contract of a stream`, () => {
    contentTests(harness.promises, check)
    ackTests(harness.promises, check)
    limitTests(harness, check)
  })
}
