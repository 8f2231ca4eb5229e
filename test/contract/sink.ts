import { describe, test } from 'vitest'
import { PATIENCE } from './reading.ts'
import { SinkBench, type SinkCheck, type SinkHarness } from './sink-bench.ts'
import { sinkContentTests } from './sink-content.ts'
import { sinkFaultTests } from './sink-faults.ts'

/** What every sink owes its caller, tested on a real target. */
export function sinkContract(name: string, harness: SinkHarness): void {
  const check: SinkCheck = (title, body) => {
    test(title, { timeout: 3 * PATIENCE }, async () => {
      const bench = new SinkBench(harness, await harness.setUp())
      await body(bench).catch(async (error: unknown) => {
        await bench.tearDown().catch(() => {})
        throw error
      })
      await bench.tearDown()
    })
  }
  describe(`${name}: the contract of a sink`, () => {
    sinkContentTests(harness.promises, check)
    sinkFaultTests(harness, check)
  })
}
