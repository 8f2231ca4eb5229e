import type { Logger } from '../contract/log.ts'
import type { Shutdown } from '../pipeline/surroundings.ts'
import { listenToParent } from './member.ts'

/**
 * SIGTERM or SIGINT stops reading; the deadline after it, or a second signal, stops waiting. Nobody else listens to the
 * process. A member of `--processes N` hears of a second signal from its parent alone: one that is sent to all processes
 * at once reaches it twice.
 */
export function listenForSignals(
  drainSeconds: number,
  log: () => Logger,
  isMember = false
): Shutdown & { release(): void } {
  const stop = new AbortController()
  const abandon = new AbortController()
  let deadline: NodeJS.Timeout | undefined
  const finish = (why: string) => {
    if (stop.signal.aborted) return
    log().info(`${why}: finishing what was taken, for at most ${drainSeconds} s; a second signal stops at once`)
    deadline = setTimeout(() => {
      log().warn(`the drain deadline of ${drainSeconds} s has passed: giving back what is not finished`)
      abandon.abort()
    }, drainSeconds * 1000)
    stop.abort()
  }
  const giveUp = (why: string) => {
    log().warn(`${why}: not waiting any longer`)
    abandon.abort()
  }
  const onSignal = (signal: NodeJS.Signals) => {
    if (!stop.signal.aborted) finish(signal)
    else if (!isMember) giveUp(`${signal} again`)
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  const deafen = isMember
    ? listenToParent(
        (order) => (order === 'stop' ? finish('the parent stops') : giveUp('a second signal')),
        () => finish('the parent is gone')
      )
    : () => {}
  const release = () => {
    clearTimeout(deadline)
    process.off('SIGTERM', onSignal)
    process.off('SIGINT', onSignal)
    deafen()
  }
  return { stop: stop.signal, abandon: abandon.signal, release }
}
