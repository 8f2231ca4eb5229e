import type { FieldPaths, Message } from '../contract/alert.ts'
import type { Codec, CodecSetup, Encoded } from '../contract/codec.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import type { OptionsOf } from '../contract/options.ts'
import { decodeContainer } from './avro/decode.ts'
import { isAvroContainer } from './avro/container.ts'
import { HopCodec, hopFormat } from './hop.ts'
import { decodeJson, encodeJson } from './json.ts'
import { type Limits, limitFields, limitsOf } from './limits.ts'

/**
 * Tells the format from the message: a `_format` header makes it Hopskotch, else the first bytes are those of an Avro
 * container or of JSON text. Writes JSON, and bytes as they are.
 */
export class AutoCodec implements Codec {
  static readonly doc = 'Tells the format from the message itself.'
  static readonly fields = limitFields

  readonly name = 'auto'
  readonly #limits: Limits
  readonly #hop: HopCodec

  constructor(options: OptionsOf<typeof limitFields>, setup: CodecSetup) {
    this.#limits = limitsOf(options)
    this.#hop = new HopCodec({ ...options, FORMAT: 'json', SCHEMA: undefined, TEST: false }, setup)
  }

  projects(message: Message): boolean {
    return hopFormat(message) === undefined ? isAvroContainer(message.bytes ?? NONE) : this.#hop.projects(message)
  }

  decode(message: Message, fields?: FieldPaths): unknown {
    const { bytes } = message
    if (bytes === null) return null
    if (hopFormat(message) !== undefined) return this.#hop.decode(message, fields)
    if (isAvroContainer(bytes)) return decodeContainer(bytes, fields, this.#limits)
    if (looksLikeJson(bytes)) return decodeJson(bytes)
    throw new AlertStreamsError('DECODE_FAILED', `The format can't be told: the message ${beginning(bytes)}`, {
      remedy: 'Known are JSON, Avro containers and messages with a _format header; for others set CODEC: bytes'
    })
  }

  encode(value: unknown): Encoded {
    return { bytes: value instanceof Uint8Array ? value : encodeJson(value), headers: [] }
  }
}

const NONE = new Uint8Array()

/** A value's first character after white space; a byte order mark may stand before it. */
function looksLikeJson(bytes: Uint8Array): boolean {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  while (bytes[at] === 0x20 || (bytes[at]! >= 0x09 && bytes[at]! <= 0x0d)) at++
  return bytes[at] !== undefined && '{["-0123456789tfnNI'.includes(String.fromCharCode(bytes[at]!))
}

function beginning(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'is empty'
  return `begins with the bytes ${Buffer.from(bytes.subarray(0, 8))
    .toString('hex')
    .replace(/..(?=.)/g, '$& ')}`
}
