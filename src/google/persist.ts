import { setTimeout as pause } from 'node:timers/promises'
import { isPassing } from './rest.ts'
import { backoffOf } from './waiting.ts'

/** Repeats a call for as long as it fails in passing. Rejects with another failure, and when the signal aborts. */
export async function persist<T>(
  attempt: () => Promise<T>,
  signal: AbortSignal,
  failed: (error: unknown) => void
): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await attempt()
    } catch (error) {
      signal.throwIfAborted()
      failed(error)
      if (!isPassing(error)) throw error
      await pause(backoffOf(failures), undefined, { signal })
    }
  }
}
