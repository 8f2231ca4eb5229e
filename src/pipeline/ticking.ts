/** What counts for one interval at most, so that a process that was stopped or asleep blames nobody for that time. */
const MOST_INTERVALS = 2

/** Calls back again and again with the seconds that have passed; gives the way to stop it. */
export function ticking(interval: number, tick: (passed: number) => void): () => void {
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    tick(Math.min((now - last) / 1000, MOST_INTERVALS * interval))
    last = now
  }, interval * 1000)
  timer.unref()
  return () => clearInterval(timer)
}
