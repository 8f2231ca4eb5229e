import { declare } from './options.ts'

/** What a TESTID may be: buckets take no capitals, datasets no dashes, and it must be told apart from what it follows. */
export const TESTID = /^[a-z][a-z0-9]{0,19}$/

export const TESTID_RULE = 'expected up to 20 small letters and digits, a letter first'

export const testid = declare<string>('text', { type: 'string', pattern: TESTID.source }, (value) =>
  typeof value === 'string' && TESTID.test(value) ? { value } : { problem: TESTID_RULE }
)

/** The name of a topic, a subscription, a bucket or a group in a test run. */
export function withTestid(name: string, testid: string | undefined): string {
  return testid === undefined ? name : `${name}-${testid}`
}
