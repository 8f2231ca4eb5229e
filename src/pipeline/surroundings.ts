import type { Deduper } from '../contract/dedupe.ts'
import type { Logger } from '../contract/log.ts'
import type { Route } from '../contract/route.ts'
import type { Clock } from '../contract/schedule.ts'
import type { Source } from '../contract/sink.ts'
import type { Account } from './account.ts'
import type { Share } from './budget.ts'
import type { Outbox } from './outbox.ts'

/** Two signals: stop reading, and later, stop waiting. */
export interface Shutdown {
  readonly stop: AbortSignal
  readonly abandon: AbortSignal
}

/** What a pipeline is given beside its configuration; all but the share is common to all pipelines. */
export interface Surroundings {
  readonly account: Account
  readonly share: Share
  readonly outboxes: ReadonlyMap<string, Outbox>
  readonly clock: Clock
  readonly log: Logger
  readonly baseDir: string
  readonly stateDir: string
  readonly shutdown: Shutdown
  /** What a route with DEDUPE has delivered. */
  deduperOf(stream: string, route: Route): Deduper
  /** Keeps a dead letter that its sink refused, and says where. */
  keepRefused(deadLetter: Source): Promise<string>
}
