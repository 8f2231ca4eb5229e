/** Ordered, names may repeat, a value may be null: as Kafka has them. Pub/Sub attributes become headers too. */
export type Headers = readonly (readonly [name: string, value: Uint8Array | null])[]

/** A 64-bit integer: `number` when it is a safe integer, else `bigint`; the same value always has the same type. */
export type Long = number | bigint

/** What a stream reads: bytes, and where they came from. */
export interface Message {
  readonly topic: string
  /** Names this message within its source, the same on every redelivery: `topic/partition/offset`, or a Pub/Sub id. */
  readonly id: string
  /** Kafka only. */
  readonly partition: number | undefined
  /** Kafka only, decimal digits. */
  readonly offset: string | undefined
  readonly key: Uint8Array | null
  readonly headers: Headers
  /** When the source says it was published, UTC. */
  readonly publishedAt: Date | undefined
  /** Null: a Kafka tombstone. */
  readonly bytes: Uint8Array | null
  /** What is charged to the byte budget: value, key and headers. */
  readonly size: number
}

/** What a handler is given: the message, and its payload on demand. */
export interface Alert<Payload = unknown> extends Message {
  /** The ID of the stream that read it. */
  readonly stream: string
  /** The first header of that name as UTF-8 text. */
  header(name: string): string | undefined
  /** Decoded on the first call and remembered; an alert nobody reads is never decoded. Throws `DECODE_FAILED`. */
  payload(): Payload
}

/** Paths of the fields that somebody reads, as `[['candidate', 'drb'], ['objectId']]`. */
export type FieldPaths = readonly (readonly string[])[]
