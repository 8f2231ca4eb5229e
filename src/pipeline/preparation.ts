import { actionOf, adviceOf, codeOf, reasonOf } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import type { StreamAccount } from './account.ts'
import { backoff, sleep } from './retry.ts'
import type { Work } from './work.ts'

/** Seconds. */
const FIRST_PAUSE = 0.5
const LONGEST_PAUSE = 15

/**
 * Fetches what alerts need before they can be decoded, again and again for as long as it takes: a registry that is away
 * is no reason to lose an alert. What waits is shown in the account and in the log.
 */
export class Preparation {
  readonly #account: StreamAccount
  readonly #log: Logger
  readonly #abandon: AbortSignal
  #waiting = 0

  constructor(account: StreamAccount, log: Logger, abandon: AbortSignal) {
    this.#account = account
    this.#log = log
    this.#abandon = abandon
  }

  /** Undefined: there is nothing to fetch. Resolves to false when the process can wait no longer. */
  of(work: Work): Promise<boolean> | undefined {
    const fetching = work.alert.prepare(this.#abandon)
    return fetching && this.#insist(work, fetching)
  }

  async #insist(work: Work, first: Promise<void>): Promise<boolean> {
    let fetching: Promise<void> | undefined = first
    for (let attempt = 1; ; attempt++) {
      try {
        await fetching
        if (attempt > 1) this.#arrived()
        work.charge(work.alert.size - work.message.size)
        return true
      } catch (error) {
        if (actionOf(codeOf(error, 'DECODE_FAILED')) !== 'retry') {
          if (attempt > 1) this.#arrived()
          throw error
        }
        if (attempt === 1) this.#waiting++
        this.#account.missing = reasonOf(error)
        this.#say(work, error, attempt)
      }
      await sleep(backoff(attempt, FIRST_PAUSE, LONGEST_PAUSE), this.#abandon)
      if (this.#abandon.aborted || work.settled || work.delivery.stale) {
        this.#arrived()
        return false
      }
      fetching = work.alert.prepare(this.#abandon)
    }
  }

  #arrived(): void {
    if (--this.#waiting > 0) return
    this.#account.missing = undefined
    this.#log.info('what was needed for decoding can be had again')
  }

  #say({ message }: Work, error: unknown, attempt: number): void {
    const fields = { code: codeOf(error, 'FETCH_FAILED'), alert: message.id, attempt, waiting: this.#waiting }
    const text = `${adviceOf(error)} Its alerts wait; nothing is lost.`
    // One loud line for the outage, not for each of the alerts that wait.
    if (this.#waiting === 1 && (attempt === 1 || attempt % 10 === 0)) this.#log.error(fields, text)
    else this.#log.debug(fields, text)
  }
}
