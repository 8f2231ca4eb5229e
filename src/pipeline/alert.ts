import type { Alert, FieldPaths, Headers, Message } from '../contract/alert.ts'
import type { Codec } from '../contract/codec.ts'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import { headerOf } from '../contract/headers.ts'

/**
 * A message with its payload on demand. Where the message only says where the real one lies, it shows that one's bytes,
 * headers and key once it is there; `message` stays what came.
 */
export class StreamAlert implements Alert {
  readonly message: Message
  readonly stream: string
  readonly #codec: Codec
  readonly #fields: FieldPaths | undefined
  /** What is decoded. */
  #whole: Message
  #prepared = false
  #payload: unknown
  #decoded = false

  constructor(message: Message, stream: string, codec: Codec, fields: FieldPaths | undefined) {
    this.message = message
    this.#whole = message
    this.stream = stream
    this.#codec = codec
    this.#fields = fields
  }

  get topic(): string {
    return this.message.topic
  }
  get id(): string {
    return this.message.id
  }
  get partition(): number | undefined {
    return this.message.partition
  }
  get offset(): string | undefined {
    return this.message.offset
  }
  get key(): Uint8Array | null {
    return this.#whole.key
  }
  get headers(): Headers {
    return this.#whole.headers
  }
  get publishedAt(): Date | undefined {
    return this.#whole.publishedAt
  }
  get bytes(): Uint8Array | null {
    return this.#whole.bytes
  }
  get size(): number {
    return this.#whole.size
  }

  header(name: string): string | undefined {
    const value = headerOf(this.#whole.headers, name)
    return value ? Buffer.from(value).toString() : undefined
  }

  /** Fetches what is needed to decode it, once; undefined where nothing is. */
  prepare(signal: AbortSignal): Promise<void> | undefined {
    if (this.#prepared) return undefined
    const fetching = this.#codec.prepare?.(this.message, signal)
    this.#prepared = fetching === undefined
    return fetching?.then((whole) => {
      this.#whole = whole
      this.#prepared = true
    })
  }

  payload(): unknown {
    if (this.#decoded) return this.#payload
    this.#payload = this.#decode(this.#fields)
    this.#decoded = true
    return this.#payload
  }

  /** The payload, or as much of it as the fields ask for. */
  project(fields: FieldPaths | undefined): unknown {
    if (this.#decoded || fields === undefined) return this.payload()
    if (fields.length === 0) return undefined
    return this.#codec.projects?.(this.#whole) ? this.#decode(fields) : this.payload()
  }

  #decode(fields: FieldPaths | undefined): unknown {
    try {
      return this.#codec.decode(this.#whole, fields)
    } catch (error) {
      if (error instanceof AlertStreamsError) throw error
      throw new AlertStreamsError('DECODE_FAILED', `codec ${this.#codec.name}: ${reasonOf(error)}`, { cause: error })
    }
  }
}
