/** From when to when a stream runs, UTC; it no longer does at `closes`. */
export interface Window {
  readonly opens: Date
  readonly closes: Date
}

/** SCHEDULE of a stream. */
export interface Schedule {
  /** The window that is open at that time, or else the next one. Undefined: there will be none. */
  next(after: Date): Window | undefined
}

/** The time as one process sees it. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number
  /**
   * Resolves when that time (milliseconds since 1970) has come, or the signal aborts; earlier where the clock is put
   * back, which may change what is worth waiting for.
   */
  sleepUntil(time: number, signal: AbortSignal): Promise<void>
}
