import type { Message } from './alert.ts'
import type { DeadLetter } from './dead-letter.ts'
import type { Logger } from './log.ts'
import type { Fields, OptionsOf } from './options.ts'
import type { Feed, Resource } from './resource.ts'

/** What a handler returns to be published. */
export interface Outgoing {
  /** A sink's configured name; left out, every sink of the route receives it. */
  readonly sink?: string
  readonly topic?: string
  /** Left out, the sink decides it from the key, once. */
  readonly partition?: number
  readonly key?: string | Uint8Array | null
  readonly headers?: readonly (readonly [name: string, value: string | Uint8Array | null])[]
  /** Bytes pass through untouched, null is a tombstone, any other value the sink encodes. */
  readonly value: unknown
}

/** Why an alert became a dead letter. */
export interface Failure {
  readonly code: string
  readonly reason: string
  readonly stack: string | undefined
  readonly attempts: number
}

/** The message that an Outgoing was made from, and on which way. */
export interface Source {
  readonly message: Message
  readonly stream: string
  /** What the source keeps in order (`Delivery.partition`), for targets that place messages without a key. */
  readonly partition?: string | undefined
  /** The route's key in TOPIC_HANDLERS; undefined where no route took the topic. */
  readonly route: string | undefined
  /** The payload if it was decoded already; for sinks that write it as text. Throws `DECODE_FAILED`. */
  payload(): unknown
  /** Present: this is a dead letter; the Outgoing carries the original bytes, key and headers. */
  readonly failure?: Failure
}

/** An Outgoing with its place, fixed when it enters the outbox and kept over retries. A sink adds fields of its own. */
export interface Placed {
  /** Writes to one target never overlap and keep their order; another target does not wait for them. */
  readonly target: string
  /** What it costs of the byte budget, beyond the source message's own bytes. */
  readonly extraBytes: number
  /** Bytes in the write. */
  readonly bytes: number
}

/** A message that this target can never take. */
export interface Rejection {
  /** Its index in the write. */
  readonly index: number
  readonly code: string
  readonly reason: string
}

export interface Sink<P extends Placed = Placed> {
  /** Opens the target. Rejects with `SINK_UNAVAILABLE`, and is then called again with back-off. */
  connect(signal: AbortSignal): Promise<void>
  /** Where a message goes. Throws `SINK_REJECTED` for what can never be written (no topic, not encodable). */
  place(outgoing: Outgoing, source: Source): P
  /**
   * Resolves once every message would survive a crash of this process, with those that this target can never take.
   * Throws `SINK_UNAVAILABLE` when the target is at fault (unreachable, credentials, unknown topic, quota); the same
   * array is then written again. Never called twice at the same time for one target. Rejects promptly on abort.
   */
  write(batch: readonly P[], signal: AbortSignal): Promise<readonly Rejection[]>
  /** True where it calls `Source.payload`: what that needs is then fetched first. */
  readonly readsPayload?: boolean
  /** Reads back the dead letters that lie there now, without connecting the sink; undefined where that cannot be done. */
  deadLetters?(): AsyncIterable<DeadLetter>
  /** Flushes and lets go; twice is harmless. */
  close(): Promise<void>
}

/** What the runner gives a sink. */
export interface SinkSetup {
  readonly name: string
  readonly log: Logger
  readonly baseDir: string
  readonly stateDir: string
  /** The number of this process among `--processes N`, or undefined when it is the only one. */
  readonly member: number | undefined
}

/** What of it is known before anything is opened, and the routes that name the sink. */
export interface SinkNeedsSetup {
  readonly name: string
  readonly baseDir: string
  readonly feeds: readonly Feed[]
}

export interface SinkClass<F extends Fields = Fields> {
  readonly doc: string
  readonly fields: F
  /**
   * The cluster (`host:port`, lower case) and topic template that it writes, so that loops are found at start; without a
   * topic, each message names its own. Throws for options that do not go together.
   */
  readonly writes?: (
    options: OptionsOf<F>
  ) => { readonly cluster: string; readonly topic: string | undefined } | undefined
  /** What `alertstreams setup` shall make for it, in the order in which that is possible. */
  readonly needs?: (options: OptionsOf<F>, setup: SinkNeedsSetup) => readonly Resource[]
  new (options: OptionsOf<F>, setup: SinkSetup): Sink
}
