import type { FieldPaths } from './alert.ts'
import type { MakeCodec } from './codec.ts'
import type { Expression, Filter } from './filter.ts'
import type { RouteHandler } from './handler.ts'

/** One key of TOPIC_HANDLERS with its settings, checked and loaded: DEFAULTS and the stream's own are already in it. */
export interface Route {
  /** The key: an exact topic, a glob, `*`. */
  readonly key: string
  readonly handler: RouteHandler | undefined
  readonly filter: Filter | undefined
  /** Instead of the stream's own codec. */
  readonly codec: MakeCodec | undefined
  /** FIELDS: the handler, KEY and ORDER_BY see these only. */
  readonly fields: FieldPaths | undefined
  /** Names in SINKS. */
  readonly sinks: readonly string[]
  /** KEY of what is published. */
  readonly publishKey: Expression | undefined
  /** What must stay in order: undefined is the source's partition. */
  readonly orderBy: Expression | 'none' | undefined
  /** The most handler calls of this route at once. */
  readonly concurrency: number
  readonly dedupe: Dedupe | undefined
  readonly retry: Retry
  /** Seconds for one handler call. */
  readonly timeout: number
  /** The name of a sink. */
  readonly deadLetter: string | undefined
  /** Without a dead letter: fail the stream, or count and go on. */
  readonly onFailure: 'stop' | 'skip'
  readonly options: Readonly<Record<string, unknown>>
}

export interface Retry {
  /** Handler calls in all, the first included. */
  readonly attempts: number
  /** Seconds before the second call; doubles from there, with jitter. */
  readonly backoff: number
}

/** An alert whose key was delivered within the window is acknowledged and goes no further. */
export interface Dedupe {
  readonly key: Expression
  /** Seconds. */
  readonly window: number
}
