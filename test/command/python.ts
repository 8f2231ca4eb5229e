import { spawnSync } from 'node:child_process'
import { describe } from 'vitest'

const script = 'import sys; sys.exit(sys.version_info < (3, 9))'
export const hasPython = spawnSync('python3', ['-c', script]).status === 0
if (!hasPython && process.env.CI === 'true') throw new Error('no Python 3.9 or newer')

/** Suites that need the Python of this machine, and nothing beside it. */
export function describePython(title: string, suite: () => void): void {
  describe.skipIf(!hasPython)(hasPython ? title : `${title} (no Python 3.9 or newer)`, suite)
}
