/** What the process says at its end. */
export const exitCodes = {
  /** Ended, or drained in order. */
  done: 0,
  /** Something failed for good, or the account does not add up. */
  failed: 1,
  /** The configuration, or the command line, is invalid. */
  invalid: 2,
  /** The drain deadline passed or a second signal came, and work was given back. */
  abandoned: 3
} as const
