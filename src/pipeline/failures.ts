import { AlertStreamsError, codeOf, reasonOf } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import type { Failure } from '../contract/sink.ts'
import type { Surroundings } from './surroundings.ts'
import { republished, type Work } from './work.ts'

/** Lines of failed alerts in the log, in so many milliseconds. */
const MOST_LINES = 20
const WHILE_MS = 10_000

/** For an alert that no route took. */
interface Otherwise {
  readonly deadLetter: string | undefined
  readonly onFailure: 'stop' | 'skip'
}

/** What becomes of an alert that failed: a dead letter, or skipped when that was asked for, or the stream's end. */
export class Failures {
  readonly #otherwise: Otherwise
  readonly #around: Surroundings
  readonly #log: Logger
  readonly #failForGood: (error: Error) => void
  #since = 0
  #said = 0

  constructor(otherwise: Otherwise, around: Surroundings, log: Logger, failForGood: (error: Error) => void) {
    this.#otherwise = otherwise
    this.#around = around
    this.#log = log
    this.#failForGood = failForGood
  }

  /** Of anything that was thrown on the way. */
  failWith(work: Work, error: unknown, attempts = 1): void {
    this.fail(work, failureOf(error, 'HANDLER_FAILED', attempts))
  }

  fail(work: Work, failure: Failure): void {
    const { deadLetter, onFailure } = work.matched ?? this.#otherwise
    const fields = { topic: work.message.topic, alert: work.message.id, code: failure.code, attempts: failure.attempts }
    if (deadLetter !== undefined) {
      this.#say('warn', fields, `dead letter: ${failure.reason}`)
      work.fail('deadLettered', failure)
      work.expect(1)
      return this.#putDeadLetter(work, deadLetter)
    }
    if (onFailure === 'skip') {
      this.#say('error', fields, `skipped (ON_FAILURE: skip): ${failure.reason}`)
      return work.settle('skipped')
    }
    const what = `alert ${work.message.id} failed and there is no DEAD_LETTER: ${failure.reason}`
    const remedy = 'Mend the cause and restart; or set DEAD_LETTER to the name of a sink, or ON_FAILURE: skip.'
    this.#log.error(
      { ...fields, stack: failure.stack },
      `${failure.reason}: the stream stops here, and delivers this alert again when restarted`
    )
    this.#failForGood(new AlertStreamsError('ALERT_FAILED', what, { remedy }))
    work.settle('givenBack')
  }

  /** Its dead letter was refused: the last resort is a file; if that fails too, the stream ends. */
  keepRefused(work: Work, reason: string): void {
    work.expect(1)
    this.#around.keepRefused(work.deadLetter).then(
      (path) => {
        const fields = { alert: work.message.id, path }
        this.#log.error(fields, `the dead letter sink refused it (${reason}); kept in ${path}`)
        work.written()
      },
      (error: unknown) => {
        const what = `a dead letter can be kept nowhere: ${reason}; ${reasonOf(error)}`
        this.#failForGood(new AlertStreamsError('DEAD_LETTER_FAILED', what, { cause: error }))
        work.settle('givenBack')
      }
    )
  }

  /** The account counts them all; the log shows the first of each while, and how many it left out. */
  #say(level: 'warn' | 'error', fields: Readonly<Record<string, unknown>>, text: string): void {
    const now = Date.now()
    if (now - this.#since > WHILE_MS) {
      const more = this.#said - MOST_LINES
      if (more > 0) this.#log.warn(`${more} more alerts failed for good in the ${WHILE_MS / 1000} s after those shown`)
      this.#since = now
      this.#said = 0
    }
    if (++this.#said <= MOST_LINES) this.#log[level](fields, text)
    else this.#log.debug(fields, text)
  }

  #putDeadLetter(work: Work, sink: string): void {
    const outgoing = { ...republished(work.alert), key: work.message.key }
    try {
      this.#around.outboxes.get(sink)!.put(work, outgoing, true)
    } catch (error) {
      work.deadLetterRejected(`sink ${sink}: ${reasonOf(error)}`)
    }
  }
}

/** A thrown value as what a dead letter tells of it. */
export function failureOf(error: unknown, otherwise: 'HANDLER_FAILED' | 'SINK_REJECTED', attempts: number): Failure {
  return { code: codeOf(error, otherwise), reason: reasonOf(error), stack: stackOf(error), attempts }
}

/** Where it began: what a handler threw, not where it was wrapped. */
function stackOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  return error.cause instanceof Error ? error.cause.stack : error.stack
}
