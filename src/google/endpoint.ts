import { declare } from '../contract/options.ts'
import { isSafeUrl } from './token-file.ts'

/** Another address of a service of Google's: a regional or private one. Gives back the origin. */
export const endpoint = declare<string>('url', { type: 'string' }, (value) =>
  typeof value === 'string' && isSafeUrl(value)
    ? { value: new URL(value).origin }
    : { problem: 'expected https://host: tokens are sent there' }
)
