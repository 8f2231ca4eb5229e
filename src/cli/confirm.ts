import { createInterface } from 'node:readline/promises'
import { UsageError } from './usage-error.ts'

/** True for `--yes`, else what somebody at the terminal answers. Throws where nobody can be asked. */
export async function confirm(question: string, yes: boolean): Promise<boolean> {
  if (yes) return true
  if (!process.stdin.isTTY) throw new UsageError('nobody can be asked here; --yes goes ahead')
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim())
  } finally {
    terminal.close()
  }
}
