import type { Logger } from '../contract/log.ts'
import type { Shutdown } from '../pipeline/pipeline.ts'

/**
 * SIGTERM or SIGINT stops reading; the deadline after it, or a second signal, stops waiting. Nobody else listens to the
 * process.
 */
export function listenForSignals(drainSeconds: number, log: () => Logger): Shutdown & { release(): void } {
  const stop = new AbortController()
  const abandon = new AbortController()
  let deadline: NodeJS.Timeout | undefined
  const onSignal = (signal: NodeJS.Signals) => {
    if (stop.signal.aborted) {
      log().warn(`${signal} again: not waiting any longer`)
      abandon.abort()
      return
    }
    log().info(`${signal}: finishing what was taken, for at most ${drainSeconds} s; a second signal stops at once`)
    deadline = setTimeout(() => {
      log().warn(`the drain deadline of ${drainSeconds} s has passed: giving back what is not finished`)
      abandon.abort()
    }, drainSeconds * 1000)
    stop.abort()
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  const release = () => {
    clearTimeout(deadline)
    process.off('SIGTERM', onSignal)
    process.off('SIGINT', onSignal)
  }
  return { stop: stop.signal, abandon: abandon.signal, release }
}
