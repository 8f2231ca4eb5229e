import { isJoining } from './errors.ts'

/** Of the session time-out: after so long without a heartbeat another member may own our partitions. */
const SAFE_PART = 0.7

/**
 * When the group last heard of us. A process that was stopped for longer than the session (a laptop's lid, SIGSTOP)
 * must not write what it holds before it has asked whether that is still its own.
 */
export class Heartbeats {
  readonly #sessionTimeout: number
  #last = Date.now()
  #waiting: (() => void)[] = []

  constructor(sessionTimeout: number) {
    this.#sessionTimeout = sessionTimeout
  }

  beat(): void {
    this.#last = Date.now()
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }

  /** Undefined while the group surely counts us in, else a promise of the next heartbeat. */
  fresh(): Promise<void> | undefined {
    if (Date.now() - this.#last < SAFE_PART * this.#sessionTimeout) return undefined
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}

/**
 * Waits for a promise with the heartbeat going on meanwhile: a member that is silent while it waits is put out of the
 * group. Rejects with what the heartbeat rejects with.
 */
export async function beating<T>(promise: Promise<T>, heartbeat: () => Promise<void>, intervalMs: number): Promise<T> {
  for (;;) {
    let timer: NodeJS.Timeout | undefined
    const tick = new Promise<'tick'>((resolve) => {
      timer = setTimeout(resolve, intervalMs, 'tick')
    })
    const first = await Promise.race([promise.then((value) => ({ value })), tick]).finally(() => clearTimeout(timer))
    if (first !== 'tick') return first.value
    await heartbeat()
  }
}

/** A heartbeat during a rebalance is refused, and yet it was heard. */
export async function beatThroughRebalance(heartbeat: () => Promise<void>): Promise<void> {
  try {
    await heartbeat()
  } catch (error) {
    if (!isJoining(error)) throw error
  }
}
