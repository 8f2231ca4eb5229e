import { mkdirSync, writeFileSync } from 'node:fs'
import type { Reporter, SerializedError, TestCase, TestModule, TestRunEndReason } from 'vitest/node'

/** After the run: every skipped test on a line of its own, and the totals in test-results/summary.json. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[], reason: TestRunEndReason): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const inState = (state: string) => tests.filter((test) => test.result().state === state)
    const skipped = inState('skipped').map(describeSkip)
    for (const line of skipped) console.log(`skipped: ${line}`)
    const passed = inState('passed').length
    // A file that cannot be loaded, or a hook that throws, fails without a failed test.
    const groups = modules.flatMap((module) => [module, ...module.children.allSuites()])
    const brokenGroups = groups.filter((group) => group.errors().length > 0)
    const failures = inState('failed').length + brokenGroups.length + unhandled.length
    // A set-up that throws ends the run before there is any test to count.
    const failed = Math.max(failures, reason === 'passed' ? 0 : 1)
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
