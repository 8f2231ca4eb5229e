import type { Message } from '../contract/alert.ts'
import { Latencies } from './latencies.ts'
import { Pace } from './pace.ts'
import type { Bucket } from './account.ts'
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

  /** Milliseconds since 1970, as all times here. */
  constructor(begin: number) {
    this.pace = new Pace(begin)
  }

  came({ publishedAt }: Message, now: number): void {
    this.pace.came(now)
    if (publishedAt !== undefined) this.received.add((now - publishedAt.getTime()) / 1000)
  }

  settled({ message: { publishedAt }, failed }: Work, bucket: Bucket, now: number): void {
    if (bucket === 'delivered') {
      if (publishedAt !== undefined) this.delivered.add((now - publishedAt.getTime()) / 1000)
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
