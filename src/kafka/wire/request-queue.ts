import type { Replacement } from './replacement.ts'

interface RequestQueue {
  readonly pending: readonly unknown[]
  /** Milliseconds since 1970; past or -1: not throttled. */
  readonly throttledUntil: number
  throttleCheckTimeoutId: NodeJS.Timeout | null
  checkPendingRequests(): void
}

/** Milliseconds between two looks at a queue that is full but not throttled, as in kafkajs. */
const CHECK_INTERVAL = 10

/**
 * kafkajs arms the next check even when nothing waits, and with a negative time: every idle connection then spins for
 * ever, and Node warns about it. Here a check is armed only while a request waits.
 */
export const idleQueue: Replacement = {
  what: 'connections that rest when idle',
  file: 'network/requestQueue/index.js',
  sha256: 'b55986089c14f8f7bfc377922e2e65b3e4c1e7c7af2752d3b10a75dfe9e9260c',
  heldBy: [],
  make: (original) => {
    const { prototype } = original as { prototype: { scheduleCheckPendingRequests(this: RequestQueue): void } }
    prototype.scheduleCheckPendingRequests = function () {
      if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return
      const throttled = this.throttledUntil - Date.now()
      this.throttleCheckTimeoutId = setTimeout(
        () => {
          this.throttleCheckTimeoutId = null
          this.checkPendingRequests()
        },
        throttled > 0 ? throttled : CHECK_INTERVAL
      )
    }
    return original
  }
}
