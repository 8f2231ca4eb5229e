import type { Heartbeat } from '../contract/config.ts'
import type { Logger } from '../contract/log.ts'
import { flowOf, type StreamAccount } from './account.ts'
import { ticking } from './ticking.ts'

/** Seconds between two looks, at most. */
const LOOK = 5

interface Expected extends Heartbeat {
  received: number
  /** Seconds without a message, and in all since it was missed. */
  silent: number
  missed: boolean
}

/**
 * Says in the log when messages that a source should bring stay away, and when they are back. It looks at the account:
 * an alert on its way costs nothing more.
 */
export class Heartbeats {
  readonly #account: StreamAccount
  readonly #log: Logger
  readonly #expected: readonly Expected[]
  readonly #stop: () => void
  #received = 0

  constructor(heartbeats: readonly Heartbeat[], account: StreamAccount, log: Logger) {
    this.#account = account
    this.#log = log
    this.#expected = heartbeats.map((heartbeat) => ({ ...heartbeat, received: 0, silent: 0, missed: false }))
    const interval = Math.min(LOOK, ...heartbeats.map(({ every }) => every / 4))
    this.#stop = heartbeats.length === 0 ? () => {} : ticking(interval, (passed) => this.#look(passed))
  }

  stop(): void {
    this.#stop()
  }

  #look(passed: number): void {
    const { received, inFlight } = flowOf(this.#account)
    // Nothing is read while what was taken waits for a sink or a handler: that is not the source's silence.
    const blocked = received === this.#received && inFlight > 0
    this.#received = received
    for (const expected of this.#expected) {
      const { topic } = expected
      const count = topic === undefined ? received : (this.#account.topics[topic]?.received ?? 0)
      // Less: its row was put together with others.
      if (count !== expected.received) this.#came(expected, count)
      else if (!blocked) this.#stayedAway(expected, passed)
    }
  }

  #came(expected: Expected, count: number): void {
    if (expected.missed)
      this.#log.info({ topic: expected.topic }, `${named(expected)} is back after ${expected.silent.toFixed(0)} s`)
    Object.assign(expected, { received: count, silent: 0, missed: false })
  }

  #stayedAway(expected: Expected, passed: number): void {
    expected.silent += passed
    if (expected.missed || expected.silent < expected.every) return
    expected.missed = true
    this.#account.heartbeatsMissed++
    this.#log.error(
      { topic: expected.topic, state: this.#account.state, reason: this.#account.reason },
      `HEARTBEAT missed: ${named(expected)} has stayed away for ${expected.silent.toFixed(0)} s`
    )
  }
}

function named({ topic }: Heartbeat): string {
  return topic === undefined ? 'every message of the stream' : topic
}
