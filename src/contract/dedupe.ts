/** What one route has delivered within its window, kept over restarts. */
export interface Deduper {
  /**
   * Undefined: the key is null and there is nothing to compare. `delivered`: a twin was delivered within the window. A
   * promise: a twin is on its way; ask again when it resolves. Else the key is the caller's, who ends the claim by
   * `record` or `release`.
   */
  claim(key: unknown): Claim | 'delivered' | Promise<void> | undefined
}

export interface Claim {
  /** Every sink has answered. `then` is called once a crash of the process can no longer forget it, and never before. */
  record(then: () => void): void
  /** It was not delivered: a twin that waits goes its own way. Harmless after `record`. */
  release(): void
}
