import type { Account, StreamAccount } from '../pipeline/account.ts'
import type { Journal } from '../pipeline/journal.ts'
import type { Readiness } from './ready.ts'

/** What can be seen of a process from outside. */
export interface Observed {
  readonly account: Account
  readonly readiness: Readiness
  readonly streams: readonly ObservedStream[]
  /** All sinks by name, with what is wrong with them. */
  readonly sinkFaults: Readonly<Record<string, string | undefined>>
  readonly bufferBytes: number
}

/** One stream of the process, also while it rests. */
export interface ObservedStream {
  readonly id: string
  readonly account: StreamAccount
  readonly journal: Journal
  readonly share: { readonly used: number }
  backlog(): Promise<number | undefined>
}

/** One line of a scrape. */
export interface Sample {
  /** Of a histogram's parts. */
  readonly metricName?: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}
