import { describe } from 'vitest'
import { whyMissing } from './missing.ts'
import { installSalt2 } from './python.ts'

const missing = await whyMissing('no Python with sncosmo', installSalt2)

/** A suite that needs the Python of the SALT2 handler, which is installed the first time: a minute or two. */
export function describeSalt2(title: string, suite: () => void): void {
  describe.skipIf(missing !== undefined)(missing === undefined ? title : `${title} (${missing})`, suite)
}
