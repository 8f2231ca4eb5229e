import type { Clock } from '../contract/schedule.ts'
import { sleep } from './retry.ts'

/** Seconds; a machine that was asleep, or whose time was set, notices it after so long. */
const LOOK = 60
/** Milliseconds by which a clock may go back unnoticed. */
const DRIFT = 1000

export const systemClock: Clock = {
  now: Date.now,
  async sleepUntil(time, signal) {
    for (let last = Date.now(); !signal.aborted && last < time; last = Date.now()) {
      await sleep(Math.min(LOOK, (time - last) / 1000), signal)
      if (Date.now() < last - DRIFT) return
    }
  }
}
