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
  const loaded = [await loadConfig(positionals), await loadConfig(positionals, { testid })]
  const [usual, test] = loaded.map(({ config }) => config)
  if (usual === undefined || test === undefined) {
    const invalid = loaded.find(({ config }) => config === undefined)
    process.stderr.write(`${invalid?.problems}\n\nnothing was removed\n`)
    return exitCodes.invalid
  }
  const own = () => {
    // Whatever is needed without a testid too is not the test run's.
    const needed = new Set(needsOf(usual).map(labelOf))
    const ofTest = needsOf(test).filter((resource) => !needed.has(labelOf(resource)))
    // Subscriptions before their topics.
    return ofTest.toReversed()
  }
  const order = {
    command: 'teardown',
    to: 'there',
    todo: 'to remove',
    done: 'removed',
    question: (count: number) => `Remove ${counted(count, 'thing')}, with all that they hold?`,
    yes: values.yes,
    // A bucket is emptied object by object.
    patience: 600_000,
    otherwise: `nothing of the test run ${testid} is there`,
    action: (resource, signal) => resource.remove(signal)
  } satisfies Parameters<typeof carryOut>[0]
  return carryOut(order, own, test)
}
