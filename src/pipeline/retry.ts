import { setTimeout as delay } from 'node:timers/promises'

/** Seconds to wait before attempt number `attempt` (1 is the first repetition): doubling, capped, with jitter. */
export function backoff(attempt: number, first: number, most: number): number {
  const full = Math.min(most, first * 2 ** Math.min(attempt - 1, 30))
  return full * (0.5 + Math.random() / 2)
}

/** Resolves after the time, or at once when the signal aborts. */
export async function sleep(seconds: number, signal: AbortSignal): Promise<void> {
  await delay(seconds * 1000, undefined, { signal }).catch(() => undefined)
}
