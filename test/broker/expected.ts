import { join } from 'node:path'
import { parseJson } from '../../src/codecs/json-text.ts'
import { runCommand } from '../services/process.ts'
import { peers } from '../setup/services.ts'

/** What test/broker/expected.py says of a packet; see its --help. */
export interface Expected {
  readonly objectId: string
  readonly candid: number | bigint
  readonly topic: string
  readonly extragalactic: { readonly upstream: boolean; readonly sorted: boolean }
  readonly archive: string
  readonly attributes: Readonly<Record<string, string>>
  readonly row: Readonly<Record<string, unknown>>
  readonly salt2: {
    readonly rows: number
    readonly positive: number
    readonly snr: number | null
    readonly passes: boolean
  }
}

/** Runs the script in the peers' Python: `inputs` are folders and files, and its options. */
export async function expectedOf(...inputs: readonly string[]): Promise<readonly Expected[]> {
  const script = join(import.meta.dirname, 'expected.py')
  const output = await runCommand(peers()!.python, [script, ...inputs])
  return output
    .trimEnd()
    .split('\n')
    .map((line) => parseJson(line) as Expected)
}
