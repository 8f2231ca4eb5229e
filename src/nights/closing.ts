import type { Logger } from '../contract/log.ts'
import { sleep } from '../pipeline/retry.ts'
import type { Clock, Window } from '../contract/schedule.ts'
import type { Shutdown, Surroundings } from '../pipeline/surroundings.ts'

/** The end of one window: reading stops when it closes, and waiting DRAIN_SECONDS later; or both when the process' do. */
export class Closing {
  readonly shutdown: Shutdown
  readonly #closed = new AbortController()
  readonly #deadline = new AbortController()
  readonly #finished = new AbortController()
  readonly #running: Promise<void>

  constructor(window: Window, around: Pick<Surroundings, 'clock' | 'shutdown'>, drainSeconds: number, log: Logger) {
    const { stop, abandon } = around.shutdown
    this.shutdown = {
      stop: AbortSignal.any([stop, this.#closed.signal]),
      abandon: AbortSignal.any([abandon, this.#deadline.signal])
    }
    const over = AbortSignal.any([stop, this.#finished.signal])
    this.#running = untilClosed(window, around.clock, over).then(() => {
      if (!over.aborted) return this.#close(drainSeconds, log)
    })
  }

  /** The window has closed while its stream ran. */
  get closed(): boolean {
    return this.#closed.signal.aborted
  }

  /** Nothing is left that would have to be ended. */
  finish(): Promise<void> {
    this.#finished.abort()
    return this.#running
  }

  async #close(drainSeconds: number, log: Logger): Promise<void> {
    const { signal: finished } = this.#finished
    log.info(`the window closes: finishing what was taken, for at most ${drainSeconds} s`)
    this.#closed.abort()
    await sleep(drainSeconds, finished)
    if (finished.aborted) return
    log.warn(`${drainSeconds} s after the window has closed: giving back what is not finished`)
    this.#deadline.abort()
  }
}

/** Resolves when it is no longer, or not yet, open (a clock can be put back), or the signal aborts. */
async function untilClosed(window: Window, clock: Clock, over: AbortSignal): Promise<void> {
  do await clock.sleepUntil(window.closes.getTime(), over)
  while (!over.aborted && isOpen(window, clock.now()))
}

/** `time`: milliseconds since 1970. */
export function isOpen({ opens, closes }: Window, time: number): boolean {
  return time >= opens.getTime() && time < closes.getTime()
}
