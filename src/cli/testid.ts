import { TESTID, TESTID_RULE } from '../contract/testid.ts'
import { UsageError } from './usage-error.ts'

/** The value of `--testid`, checked. */
export function checkedTestid(given: string | undefined): string | undefined {
  if (given === undefined || TESTID.test(given)) return given
  throw new UsageError(`--testid ${given}: ${TESTID_RULE}`)
}
