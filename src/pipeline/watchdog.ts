import type { Logger } from '../contract/log.ts'
import type { AlertStream } from '../contract/stream.ts'
import { flowOf, type StreamAccount } from './account.ts'
import { ticking } from './ticking.ts'

/** Seconds. */
const PATIENCE = 90
const LOOK = 15
/** Reopening that brought nothing is repeated more and more rarely, up to so many times the patience. */
const MOST_PATIENCE = 32

/**
 * Finds a stream that stands still: nothing comes, nothing is in flight that it could be waiting for, and the source has
 * more. It asks the source only while nothing comes, and each doubt begins the time anew: a slow sink, a handler at work,
 * a source that cannot be reached or was asked too late is no stall.
 */
export class Watchdog {
  readonly #account: StreamAccount
  readonly #log: Logger
  #stop = () => {}
  #received = 0
  #quiet = 0
  #patience = 1
  #asking = false

  constructor(account: StreamAccount, log: Logger) {
    this.#account = account
    this.#log = log
  }

  /** Looks after a stream that is being read; the signal aborts when it has to be reopened. */
  watch(stream: AlertStream): AbortSignal {
    const stalled = new AbortController()
    const patience = stream.patience ?? (stream.backlog === undefined ? undefined : PATIENCE)
    this.#quiet = 0
    if (patience === undefined) return stalled.signal
    this.#stop = ticking(Math.min(LOOK, patience / 4), (passed) => {
      if (this.#asking) return
      this.#asking = true
      this.#look(stream, passed, patience, stalled).finally(() => {
        this.#asking = false
      })
    })
    return stalled.signal
  }

  rest(): void {
    this.#stop()
  }

  /** There is a reason why nothing comes: the time begins anew. */
  excuse(): void {
    this.#quiet = 0
  }

  async #look(stream: AlertStream, passed: number, patience: number, stalled: AbortController): Promise<void> {
    if (stalled.signal.aborted || this.#moves()) return
    const backlog = stream.backlog === undefined ? undefined : await stream.backlog().catch(() => 0)
    if (stalled.signal.aborted || this.#moves()) return
    if (stream.backlog !== undefined && !backlog) {
      this.#quiet = 0
      return
    }
    this.#quiet += passed
    if (this.#quiet < patience * this.#patience) return
    this.#say(backlog)
    stalled.abort()
  }

  #moves(): boolean {
    const { received, inFlight } = flowOf(this.#account)
    const moves = received !== this.#received || inFlight > 0
    if (received !== this.#received) this.#patience = 1
    this.#received = received
    if (moves) this.#quiet = 0
    return moves
  }

  #say(backlog: number | undefined): void {
    const seconds = this.#quiet.toFixed(0)
    if (backlog === undefined) {
      this.#log.info(
        `nothing came for ${seconds} s, and the source cannot say whether it has more: reopening the stream`
      )
      return
    }
    this.#account.stalls++
    this.#patience = Math.min(MOST_PATIENCE, this.#patience * 2)
    this.#log.error(
      { backlog },
      `the stream stands still: nothing came for ${seconds} s, and the source has ${backlog} more; reopening it`
    )
  }
}
