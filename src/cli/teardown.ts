import { parseArgs } from 'node:util'
import { loadConfig } from '../config/index.ts'
import { counted } from './check.ts'
import { exitCodes } from './exit-codes.ts'
import { carryOut, labelOf, needsOf } from './needs.ts'
import { checkedTestid } from './testid.ts'
import { UsageError } from './usage-error.ts'

/** Removes what `setup --testid NAME` has made for a test run, with all that it holds, and nothing else. */
export async function teardown(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { testid: { type: 'string' }, yes: { type: 'boolean', default: false } }
  })
  const testid = checkedTestid(values.testid)
  if (testid === undefined) throw new UsageError('--testid NAME is missing: only what belongs to a test run is removed')
  const [usual, test] = [await loadConfig(positionals), await loadConfig(positionals, { testid })]
  const invalid = [usual, test].find(({ config }) => config === undefined)
  if (usual.config === undefined || test.config === undefined) {
    process.stderr.write(`${invalid?.problems}\n\nnothing was removed\n`)
    return exitCodes.invalid
  }
  // Whatever is needed without a testid too is not the test run's.
  const needed = new Set(needsOf(usual.config).map(labelOf))
  const own = needsOf(test.config).filter((resource) => !needed.has(labelOf(resource)))
  const order = {
    command: 'teardown',
    to: 'there',
    todo: 'to remove',
    done: 'removed',
    question: (count: number) => `Remove ${counted(count, 'thing')}, with all that they hold?`,
    yes: values.yes,
    otherwise: `nothing of the test run ${testid} is there`,
    action: (resource, signal) => resource.remove(signal)
  } satisfies Parameters<typeof carryOut>[0]
  // Subscriptions before their topics.
  return carryOut(order, own.toReversed(), test.config)
}
