import type { Clock } from '../contract/schedule.ts'
import { sleep } from './retry.ts'

/** Seconds; a machine that was asleep, or whose time was set, notices it after so long. */
const LOOK = 60

export const systemClock: Clock = {
  now: Date.now,
  async sleepUntil(time, signal) {
    while (!signal.aborted && Date.now() < time) await sleep(Math.min(LOOK, (time - Date.now()) / 1000), signal)
  }
}
