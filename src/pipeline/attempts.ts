import { adviceOf, codeOf, reasonOf } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import type { SinkAccount } from './account.ts'
import { backoff, sleep } from './retry.ts'

/** Does what a sink has to do, again and again until it succeeds or the process gives up. */
export class Attempts {
  readonly #name: string
  readonly #account: SinkAccount
  readonly #log: Logger
  readonly #abandon: AbortSignal
  /** What does not succeed at the moment, and why. */
  readonly #faults = new Map<string, string>()

  constructor(name: string, { account, log, abandon }: { account: SinkAccount; log: Logger; abandon: AbortSignal }) {
    this.#name = name
    this.#account = account
    this.#log = log
    this.#abandon = abandon
  }

  /** Counts as a fault until it has succeeded. */
  expect(doing: string, reason: string): void {
    this.#faults.set(doing, reason)
  }

  /** Why something does not succeed at the moment. */
  get reason(): string | undefined {
    return this.#faults.values().next().value
  }

  /** Undefined when the process can wait no longer. */
  async repeat<T>(doing: string, action: () => Promise<T>): Promise<T | undefined> {
    for (let attempt = 1; !this.#abandon.aborted; attempt++) {
      try {
        const result = await action()
        if (attempt > 1) this.#log.info(`sink ${this.#name} is back`)
        this.#faults.delete(doing)
        return result
      } catch (error) {
        if (this.#abandon.aborted) return undefined
        this.#account.retries++
        this.#faults.set(doing, reasonOf(error))
        this.#warn(doing, error, attempt)
        await sleep(backoff(attempt, 0.2, 5), this.#abandon)
      }
    }
    return undefined
  }

  /** Once loudly, then now and then: an outage of an hour is not an hour of warnings. */
  #warn(doing: string, error: unknown, attempt: number): void {
    const fields = { code: codeOf(error, 'SINK_UNAVAILABLE'), attempt }
    const text = `sink ${this.#name} is unavailable (${doing}): ${adviceOf(error)} Trying again; nothing is lost.`
    if (attempt === 1 || attempt % 10 === 0) this.#log.warn(fields, text)
    else this.#log.debug(fields, text)
  }
}
