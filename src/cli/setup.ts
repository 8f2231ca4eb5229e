import { parseArgs } from 'node:util'
import { loadConfig } from '../config/index.ts'
import { counted } from './check.ts'
import { exitCodes } from './exit-codes.ts'
import { carryOut, needsOf, tell, unknownNeedsOf } from './needs.ts'
import { partOf } from './part.ts'
import { checkedTestid } from './testid.ts'

/** Makes the topics, subscriptions, buckets and tables that a configuration needs and that are not there. Deletes nothing. */
export async function setup(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      testid: { type: 'string' },
      stream: { type: 'string', multiple: true, default: [] },
      yes: { type: 'boolean', default: false }
    }
  })
  const testid = checkedTestid(values.testid)
  const loaded = await loadConfig(positionals, { colour: process.stderr.isTTY === true, testid })
  if (loaded.config === undefined) {
    process.stderr.write(`${loaded.problems}\n\n${counted(loaded.count, 'problem')}; nothing was made\n`)
    return exitCodes.invalid
  }
  const part = partOf(loaded.config, { streams: values.stream })
  const unknown = unknownNeedsOf(part)
  for (const line of unknown) tell(line)
  const order = {
    command: 'setup',
    to: 'missing',
    todo: 'to make',
    done: 'made',
    question: (count: number) => `Make ${count}?`,
    yes: values.yes,
    patience: 30_000,
    otherwise: `everything ${unknown.length === 0 ? '' : 'else '}that the configuration needs is there`,
    action: (resource, signal) => resource.create(signal)
  } satisfies Parameters<typeof carryOut>[0]
  return carryOut(order, () => needsOf(part), part)
}
