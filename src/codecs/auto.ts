import type { FieldPaths, Message } from '../contract/alert.ts'
import type { Codec, CodecClass, CodecSetup, Encoded } from '../contract/codec.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import { fallbacksOf, type OptionsOf } from '../contract/options.ts'
import { decodeLocus } from './antares.ts'
import { isAvroContainer } from './avro/container.ts'
import { AvroCodec } from './avro.ts'
import { AvroKeyCodec, hasSchemaKey } from './avro-key.ts'
import { isBson } from './bson/reader.ts'
import { ConfluentCodec, registryFields } from './confluent.ts'
import { decoding } from './failure.ts'
import { HopCodec, hopFormat } from './hop.ts'
import { encodeJson, JsonCodec } from './json.ts'
import { type Limits, limitFields, limitsOf } from './limits.ts'
import { isWrapped, unwrap } from './unwrap.ts'

const fields = { ...registryFields, ...limitFields }

interface Format {
  readonly codec: Codec
  fits(message: Message, bytes: Uint8Array): boolean
}

/**
 * Tells the format from the message: a `_format` header makes it Hopskotch, a schema in its key what Fink sends, else the
 * first bytes are those of an Avro container, of a schema's id in a registry, or of JSON text, or of gzip or zlib around
 * one of these or around ANTARES' BSON. Writes JSON, and bytes as they are.
 */
export class AutoCodec implements Codec {
  static readonly doc = 'Tells the format from the message itself.'
  static readonly fields = fields

  readonly name = 'auto'
  readonly #limits: Limits
  /** The first that fits counts. */
  readonly #formats: readonly Format[]

  constructor(options: OptionsOf<typeof fields>, setup: CodecSetup) {
    this.#limits = limitsOf(options)
    const confluent = new ConfluentCodec({ ...options, SCHEMA: undefined, SCHEMA_ID: undefined }, setup)
    this.#formats = [
      { codec: usual(HopCodec, options, setup), fits: (message) => hopFormat(message) !== undefined },
      { codec: usual(AvroCodec, options, setup), fits: (_message, bytes) => isAvroContainer(bytes) },
      {
        codec: usual(AvroKeyCodec, options, setup),
        fits: (message, bytes) => hasSchemaKey(message) && !isBraced(bytes)
      },
      { codec: confluent, fits: (_message, bytes) => confluent.reads(bytes) },
      { codec: usual(JsonCodec, options, setup), fits: (_message, bytes) => looksLikeJson(bytes) }
    ]
  }

  projects(message: Message): boolean {
    return this.#codecFor(message)?.projects?.(message) ?? false
  }

  prepare(message: Message, signal: AbortSignal): Promise<Message> | undefined {
    return this.#codecFor(message)?.prepare?.(message, signal)
  }

  decode(message: Message, fields?: FieldPaths): unknown {
    const { bytes } = message
    if (bytes === null) return null
    const codec = this.#codecFor(message)
    if (codec !== undefined) return codec.decode(message, fields)
    if (isWrapped(bytes)) return this.#decodeInside(message, bytes)
    throw unknownFormat(bytes)
  }

  encode(value: unknown): Encoded {
    return { bytes: value instanceof Uint8Array ? value : encodeJson(value), headers: [] }
  }

  #decodeInside(message: Message, wrapped: Uint8Array): unknown {
    const bytes = decoding('gzip or zlib', () => unwrap(wrapped, this.#limits))
    if (isBson(bytes)) return decodeLocus(bytes, this.#limits)
    const inside = { ...message, bytes }
    const codec = this.#codecFor(inside)
    if (codec === undefined) throw unknownFormat(bytes)
    return codec.decode(inside)
  }

  #codecFor(message: Message): Codec | undefined {
    const { bytes } = message
    return bytes === null ? undefined : this.#formats.find(({ fits }) => fits(message, bytes))?.codec
  }
}

/** One with these limits, and what is usual else. */
// biome-ignore lint/suspicious/noExplicitAny: classes with options of their own
function usual(Class: CodecClass<any>, limits: OptionsOf<typeof limitFields>, setup: CodecSetup): Codec {
  return new Class({ ...fallbacksOf(Class.fields), ...limits }, setup)
}

/** A JSON record or list, which is no beginning of an alert in Avro. */
function isBraced(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7b || bytes[0] === 0x5b
}

/** A value's first character after white space; a byte order mark may stand before it. */
function looksLikeJson(bytes: Uint8Array): boolean {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  while (bytes[at] === 0x20 || (bytes[at]! >= 0x09 && bytes[at]! <= 0x0d)) at++
  return bytes[at] !== undefined && '{["-0123456789tfnNI'.includes(String.fromCharCode(bytes[at]!))
}

function unknownFormat(bytes: Uint8Array): AlertStreamsError {
  const framed = bytes[0] === 0 && bytes.length > 5
  return new AlertStreamsError('DECODE_FAILED', `The format can't be told: the message ${beginning(bytes)}`, {
    remedy: framed
      ? "If these are the byte 0 and the id of a schema, set CODEC: {NAME: confluent, REGISTRY: ...} with the feed's registry"
      : 'Known are JSON, Avro with its schema, and messages with a _format header; for others name it: CODEC, of commands --codec'
  })
}

function beginning(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'is empty'
  return `begins with the bytes ${Buffer.from(bytes.subarray(0, 8))
    .toString('hex')
    .replace(/..(?=.)/g, '$& ')}`
}
