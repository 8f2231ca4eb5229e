import type { Message } from '../contract/alert.ts'
import type { Clock } from '../contract/schedule.ts'
import type { Bucket } from './account.ts'
import { Latencies } from './latencies.ts'
import { Pace } from './pace.ts'
import type { Work } from './work.ts'

/** What the account of a stream does not count, over one run of its pipeline. */
export class Journal {
  /** From `publishedAt` until it was received. */
  readonly received = new Latencies()
  /** From `publishedAt` until all its sinks had it. */
  readonly delivered = new Latencies()
  /** Dead letters by code. */
  readonly deadLetters: Record<string, number> = {}
  /** Messages by the sink that has taken them, dead letters included. */
  readonly written: Record<string, number> = {}
  /** How often the source was opened. */
  connects = 0
  /** How often it could not be read. */
  waits = 0
  readonly pace: Pace

  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
    this.pace = new Pace(clock.now())
  }

  /** `now`: milliseconds since 1970; the same for all that came together. */
  came({ publishedAt }: Message, now: number): void {
    this.pace.came(now)
    if (publishedAt !== undefined) this.received.add((now - publishedAt.getTime()) / 1000)
  }

  settled({ message: { publishedAt }, failed }: Work, bucket: Bucket): void {
    if (bucket === 'delivered') {
      if (publishedAt !== undefined) this.delivered.add((this.#clock.now() - publishedAt.getTime()) / 1000)
    } else if (bucket === 'deadLettered' && failed !== undefined) count(this.deadLetters, failed.code)
  }

  wrote(sink: string): void {
    count(this.written, sink)
  }

  /** Takes over what another run has counted. */
  addAll(other: Journal): void {
    this.received.addAll(other.received)
    this.delivered.addAll(other.delivered)
    for (const [code, times] of Object.entries(other.deadLetters)) count(this.deadLetters, code, times)
    for (const [sink, times] of Object.entries(other.written)) count(this.written, sink, times)
    this.connects += other.connects
    this.waits += other.waits
  }
}

function count(counts: Record<string, number>, name: string, times = 1): void {
  counts[name] = (counts[name] ?? 0) + times
}
