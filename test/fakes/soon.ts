import { vi } from 'vitest'

/** Resolves when nothing is thrown any more, on a busy machine too. */
export function soon(check: () => void): Promise<void> {
  return vi.waitFor(check, 15_000)
}
