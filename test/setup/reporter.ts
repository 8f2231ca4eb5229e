import { mkdirSync, writeFileSync } from 'node:fs'
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node'

/** After the run: every skipped test on a line of its own, and the totals in test-results/summary.json. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const inState = (state: string) => tests.filter((test) => test.result().state === state)
    const skipped = inState('skipped').map(describeSkip)
    for (const line of skipped) console.log(`skipped: ${line}`)
    // A file that cannot be loaded, or a hook that throws, fails without a failed test.
    const brokenFiles = modules.filter((module) => module.state() === 'failed' && !hasFailedTest(module))
    const passed = inState('passed').length
    const failed = inState('failed').length + brokenFiles.length + unhandled.length
    const summary = { passed, failed, skipped: skipped.length, files: modules.length, skippedTests: skipped }
    mkdirSync('test-results', { recursive: true })
    writeFileSync('test-results/summary.json', `${JSON.stringify(summary, null, 2)}\n`)
  }
}

function describeSkip(test: TestCase): string {
  const result = test.result()
  const note = result.state === 'skipped' && result.note ? ` (${result.note})` : ''
  return `${test.module.relativeModuleId} > ${test.fullName}${note}`
}

function hasFailedTest(module: TestModule): boolean {
  return !module.children.allTests('failed').next().done
}
