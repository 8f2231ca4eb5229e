import type { Window } from '../contract/schedule.ts'
import { buckets, type StreamAccount, type TopicAccount, topicAccount } from '../pipeline/account.ts'
import { addRow, EARLIER } from '../pipeline/earlier-topics.ts'
import type { Latencies } from '../pipeline/latencies.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'

/** The window closed; the process was told to stop; the source was exhausted; the stream failed for good. */
export type HowEnded = 'closed' | 'stopped' | 'ended' | 'failed'

type Counts = Readonly<Record<string, number>>

/** What one stream did in one window. Times are UTC, durations seconds. */
export interface Report {
  readonly stream: string
  /** The date on which the window opened. */
  readonly night: string
  readonly window: Window
  readonly started: Date
  readonly ended: Date
  readonly how: HowEnded
  /** Of a failure. */
  readonly reason: string | undefined
  /** Every alert that was received is in one bucket, and every dead letter has a code. */
  readonly balanced: boolean
  readonly total: TopicAccount
  readonly topics: Readonly<Record<string, TopicAccount>>
  readonly perMinute: { readonly mean: number; readonly peak: number }
  /** From the alert's publication until it was received, and until all its sinks had it. */
  readonly latencies: { readonly received: Spread; readonly delivered: Spread }
  /** By code. */
  readonly deadLetters: Counts
  readonly gaps: {
    /** Messages that the source lost before they could be read, by topic. */
    readonly missed: Counts
    readonly longestSilence: number
    readonly heartbeatsMissed: number
  }
  /** How often the source was opened, could not be read, and stood still. */
  readonly source: { readonly connects: number; readonly waits: number; readonly stalls: number }
  /** Messages that each sink has taken of this stream, dead letters included. */
  readonly written: Counts
}

/** Seconds; undefined where there is nothing to measure. Median and p95 to about a tenth. */
export interface Spread {
  readonly count: number
  readonly median: number | undefined
  readonly p95: number | undefined
  readonly max: number | undefined
}

interface Run {
  readonly window: Window
  /** Milliseconds since 1970. */
  readonly started: number
  readonly ended: number
  readonly how: HowEnded
  /** The account as it was when the window opened. */
  readonly before: StreamAccount
  readonly pipeline: Pick<Pipeline, 'id' | 'account' | 'journal' | 'failure'>
}

export function reportOf({ window, started, ended, how, before, pipeline }: Run): Report {
  const { account, journal } = pipeline
  const topics = rowsSince(account, before)
  const total = sumOf(Object.values(topics))
  const letters = Object.values(journal.deadLetters).reduce((sum, count) => sum + count, 0)
  const minutes = Math.max(ended - started, 1) / 60_000
  return {
    stream: pipeline.id,
    night: window.opens.toISOString().slice(0, 10),
    window,
    started: new Date(started),
    ended: new Date(ended),
    how,
    reason: pipeline.failure?.message,
    balanced: Object.values(topics).every(addsUp) && letters === total.deadLettered,
    total,
    topics,
    perMinute: { mean: total.received / minutes, peak: journal.pace.peak },
    latencies: { received: spreadOf(journal.received), delivered: spreadOf(journal.delivered) },
    deadLetters: journal.deadLetters,
    gaps: {
      missed: difference(account.missed, before.missed),
      longestSilence: journal.pace.silence / 1000,
      heartbeatsMissed: account.heartbeatsMissed - before.heartbeatsMissed
    },
    source: { connects: journal.connects, waits: journal.waits, stalls: account.stalls - before.stalls },
    written: journal.written
  }
}

/** Without topics of which nothing came. */
function rowsSince(now: StreamAccount, before: StreamAccount): Record<string, TopicAccount> {
  const gone = Object.entries(before.topics).flatMap(([topic, row]) => (topic in now.topics ? [] : [row]))
  const earlier = sumOf([topicAccount(before, EARLIER), ...gone])
  const rows = Object.entries(now.topics).map(
    ([topic, row]) => [topic, difference(row, topic === EARLIER ? earlier : (before.topics[topic] ?? {}))] as const
  )
  return Object.fromEntries(rows.filter(([, { received }]) => received > 0))
}

function difference<C extends Counts>(now: C, before: Partial<Counts>): C {
  return Object.fromEntries(Object.entries(now).map(([name, count]) => [name, count - (before[name] ?? 0)])) as C
}

function sumOf(rows: readonly TopicAccount[]): TopicAccount {
  const sum = topicAccount({ topics: {} }, 'all')
  for (const row of rows) addRow(sum, row)
  return sum
}

function addsUp(row: TopicAccount): boolean {
  return row.received === buckets.reduce((sum, bucket) => sum + row[bucket], row.inFlight)
}

function spreadOf(latencies: Latencies): Spread {
  const { count, max } = latencies
  const [median, p95] = [latencies.quantile(0.5), latencies.quantile(0.95)]
  return { count, median, p95, max: count === 0 ? undefined : max }
}
