import type { FieldPaths, Headers, Message } from './alert.ts'
import type { Logger } from './log.ts'
import type { Fields, OptionsOf } from './options.ts'

/** A value as it goes onto the wire. */
export interface Encoded {
  readonly bytes: Uint8Array
  /** They follow the headers that a handler gave. */
  readonly headers: Headers
  /** For formats that need the message's key for themselves. */
  readonly key?: Uint8Array
}

/** Bytes of a message to a value and back; picks by header or topic where a feed mixes formats. */
export interface Codec {
  readonly name: string
  /** True where `decode` with fields really leaves the others out; else what it gives is the whole payload. */
  projects?(message: Message): boolean
  /**
   * What has to be fetched before `decode`: a writer's schema that is not known yet, a body that lies elsewhere.
   * Undefined: nothing. Resolves with the message that `decode` is to be given, which need not be this one. Rejects with
   * `FETCH_FAILED`, and is then called again with back-off, or with `DECODE_FAILED`.
   */
  prepare?(message: Message, signal: AbortSignal): Promise<Message> | undefined
  /** Throws `DECODE_FAILED`. With `fields`, only these paths need be filled, and more may be. */
  decode(message: Message, fields?: FieldPaths): unknown
  /** Throws `HANDLER_FAILED` for what the format has no place for. */
  encode(value: unknown): Encoded
}

/** What a codec is given beside its options. */
export interface CodecSetup {
  readonly log: Logger
  /** The folder of the first YAML file: relative paths in options start here. */
  readonly baseDir: string
  readonly stateDir: string
  /** Of the stream or sink that it works for, where that has credentials: who to be towards a host of the same broker. */
  readonly credentials?: { readonly username: string; readonly password: string; readonly mechanism: string }
  /** The service for messages too large for their topics, as that broker names it; undefined where it names none. */
  readonly offloadEndpoint?: (signal: AbortSignal) => Promise<string | undefined>
}

export interface CodecClass<F extends Fields = Fields> {
  /** One sentence for the reference. */
  readonly doc: string
  readonly fields: F
  new (options: OptionsOf<F>, setup: CodecSetup): Codec
}

/** Makes the codec that a CODEC setting describes. */
export type MakeCodec = (setup: CodecSetup) => Codec
