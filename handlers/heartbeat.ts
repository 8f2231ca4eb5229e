import type { Handler } from '../src/index.ts'

/** What Hopskotch publishes on sys.heartbeat about once a second. */
interface Heartbeat {
  /** Microseconds since 1970, UTC. */
  readonly timestamp: number
  /** One more each time. */
  readonly count: number
}

/** One of so many is logged; OPTIONS.EVERY is another number. */
const EVERY = 300

/** The last count by stream and topic. */
const last = new Map<string, number>()

/** Logs one heartbeat in 300, and warns when some are missing in between. */
const heartbeat: Handler<Heartbeat> = (alert, { log, options }) => {
  const { timestamp, count } = alert.payload()
  if (!Number.isSafeInteger(count)) throw new Error(`a heartbeat without a count: is ${alert.topic} the right topic?`)
  const feed = `${alert.stream}/${alert.topic}`
  const missed = count - (last.get(feed) ?? count) - 1
  last.set(feed, count)
  if (missed > 0) log.warn({ count, missed }, `${missed} heartbeats are missing before ${count}`)
  if (count % Number(options.EVERY ?? EVERY) === 0) {
    log.info({ count }, `heartbeat ${count} of ${new Date(timestamp / 1000).toISOString()}`)
  }
}

export default heartbeat
