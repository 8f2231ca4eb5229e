import type { Alert, Codec, FieldPaths, Headers, Message } from '../contract/alert.ts'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'

/** A message with its payload on demand. */
export class StreamAlert implements Alert {
  readonly message: Message
  readonly stream: string
  readonly #codec: Codec
  readonly #fields: FieldPaths | undefined
  #payload: unknown
  #decoded = false

  constructor(message: Message, stream: string, codec: Codec, fields: FieldPaths | undefined) {
    this.message = message
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
    return this.message.key
  }
  get headers(): Headers {
    return this.message.headers
  }
  get publishedAt(): Date | undefined {
    return this.message.publishedAt
  }
  get bytes(): Uint8Array | null {
    return this.message.bytes
  }
  get size(): number {
    return this.message.size
  }

  header(name: string): string | undefined {
    const value = this.message.headers.find((header) => header[0] === name)?.[1]
    return value ? Buffer.from(value).toString() : undefined
  }

  payload(): unknown {
    if (this.#decoded) return this.#payload
    this.#payload = this.#decode(this.#fields)
    this.#decoded = true
    return this.#payload
  }

  /** The payload, or as much of it as the fields ask for. */
  project(fields: FieldPaths | undefined): unknown {
    if (this.#decoded || fields === undefined || !this.#codec.projects) return this.payload()
    return fields.length === 0 ? undefined : this.#decode(fields)
  }

  #decode(fields: FieldPaths | undefined): unknown {
    try {
      const value = this.#codec.decode(this.message, fields)
      return value instanceof Promise ? value.catch((error) => this.#failed(error)) : value
    } catch (error) {
      return this.#failed(error)
    }
  }

  #failed(error: unknown): never {
    if (error instanceof AlertStreamsError) throw error
    throw new AlertStreamsError('DECODE_FAILED', `codec ${this.#codec.name}: ${reasonOf(error)}`, { cause: error })
  }
}
