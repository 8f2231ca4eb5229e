import type { Message } from './alert.ts'
import type { Codec, CodecSetup } from './codec.ts'
import type { Logger } from './log.ts'
import type { Fields, OptionsOf } from './options.ts'
import type { Resource } from './resource.ts'

/** A source of alerts: one entry of `ALERT_STREAMS`. */
export interface AlertStream {
  /** What its payloads are written in, unless the route names another codec. */
  readonly codec: Codec
  /**
   * Opens the source. Rejects with `CONNECT_FAILED` (tried again with back-off), `CREDENTIALS_REFUSED` or
   * `SUBSCRIPTION_MISSING` (the stream fails for good). A stream object is connected once; a new one is made to reopen.
   */
  connect(signal: AbortSignal): Promise<void>
  /**
   * Ends when the signal aborts or the source is exhausted; ending lets go of nothing: acks still count until `close`.
   * A delivery is handed out only after `setup.room` has admitted its size.
   */
  read(signal: AbortSignal): AsyncIterable<readonly Delivery[]>
  /**
   * Undefined, or a promise that resolves once the source again counts us as owner of what we hold. The outbox waits
   * for it before a write, and then leaves out what has gone stale.
   */
  held(): Promise<void> | undefined
  /** Messages to acknowledge without a handler: Hopskotch test messages. */
  ignores?(message: Message): boolean
  /** How many messages the source holds for us beyond what was handed out; undefined: it cannot be told right now. */
  backlog?(): Promise<number | undefined>
  /**
   * Seconds. When so long nothing was handed out, nothing is in flight, and there was a `backlog` all the time, the
   * stream has stalled and is reopened; 90 unless told. A stream with a patience and without a `backlog` is reopened
   * after so long without a message, to be on the safe side.
   */
  readonly patience?: number
  /** What the source keeps for us alone until somebody deletes it, by name: Pub/Sub subscriptions. */
  readonly subscriptions?: readonly string[]
  /** Deletes these and what they hold; instead of `connect`. Gives back those that were there. */
  unsubscribe?(signal: AbortSignal): Promise<readonly string[]>
  /** The topics that these credentials may see at the source, sorted; instead of `connect`. */
  visibleTopics?(signal: AbortSignal): Promise<readonly string[]>
  /** Confirms the last acks, then disconnects. Called after the last delivery was settled; twice is harmless. */
  close(): Promise<void>
}

/** One message on its way through, and the way to tell its source how that went. */
export interface Delivery {
  readonly message: Message
  /** Where the source keeps order: a Kafka `topic/partition`, a Pub/Sub ordering key. Undefined: no order. */
  readonly partition: string | undefined
  /** True once the source has taken it away (a partition lost in a rebalance): acks count for nothing, do not write it. */
  readonly stale: boolean
  /** Done. Safe late, out of order, and after `read` has ended. The stream reports it in its own time. */
  ack(): void
  /** Not done. The source keeps it and may deliver it again, now or after a restart. */
  nack(): void
}

/** The stream's part of the process' byte budget (RUNNER.BUFFER_BYTES). */
export interface Room {
  /** Charges `bytes`, or answers false: then await `wait` and ask again. The first delivery is always admitted. */
  admit(bytes: number): boolean
  /** Resolves when something was released, or the signal aborted. */
  wait(signal: AbortSignal): Promise<void>
  /** The most bytes that this stream can ever hold at once; what a source prefetches should stay well below. */
  readonly most: number
}

/** What the runner gives a stream. */
export interface StreamSetup {
  readonly id: string
  /** The keys of TOPIC_HANDLERS, in the file's order: exact names, globs, `*`. */
  readonly topics: readonly string[]
  readonly room: Room
  readonly log: Logger
  /** The folder of the first YAML file: relative paths in OPTIONS start here. */
  readonly baseDir: string
  readonly stateDir: string
  /** Tells the account and the state what happened: a gap in the source, a wait, a recovery. */
  note(event: StreamEvent): void
}

/** The part of it that is known before anything is opened. */
export type NeedsSetup = Pick<StreamSetup, 'id' | 'topics' | 'baseDir'>

export type StreamEvent =
  /** `missed`: messages that were in the source and can no longer be read. */
  | { readonly kind: 'gap'; readonly topic: string; readonly partition: number; readonly missed: number }
  /** The source cannot be read at the moment, and why. */
  | { readonly kind: 'waiting'; readonly reason: string }
  | { readonly kind: 'reading' }
  /** The source confirmed acks: offsets committed, or Pub/Sub acknowledged. */
  | { readonly kind: 'committed'; readonly at: Date }

export interface Completed<Options> {
  readonly options: Options
  /** Found elsewhere than in the options; never shown. */
  readonly secrets?: readonly string[]
  /** What was given and has no effect, as sentences. */
  readonly warnings?: readonly string[]
}

export interface StreamClass<F extends Fields = Fields> {
  /** One sentence for the reference. */
  readonly doc: string
  readonly fields: F
  /** Dotted names of the TOM world that mean this class. */
  readonly tomNames?: readonly string[]
  /**
   * Looks up what the options leave open (credentials in a file of a peer's, say) before anything else is done with
   * them. Throws `CONFIG_INVALID` as `reads` does, and another code for what is not there on this machine.
   */
  readonly complete?: (options: OptionsOf<F>) => Completed<OptionsOf<F>>
  /**
   * Names the cluster that it reads (`host:port`, lower case), so that loops are found at start. Throws for options that
   * do not go together: the configuration shows it at the option that the message names first.
   */
  readonly reads?: (options: OptionsOf<F>) => string | undefined
  /** What the codecs of its routes are given: who it is towards the broker, say. Left out: nothing of the stream's. */
  readonly codecSetup?: (options: OptionsOf<F>, setup: CodecSetup) => CodecSetup
  /** What the log of a topic is called at Google: its subscription, or its table. */
  readonly logName?: (options: OptionsOf<F>, topic: string) => string
  /** What `alertstreams setup` shall make for it, in the order in which that is possible. */
  readonly needs?: (options: OptionsOf<F>, setup: NeedsSetup) => readonly Resource[]
  /**
   * True where several processes with the same options divide the messages among them, as a Kafka group or a
   * subscription does. Other streams run in the first of `--processes N` only.
   */
  readonly grouped?: boolean
  new (options: OptionsOf<F>, setup: StreamSetup): AlertStream
}
