import { isUtf8 } from 'node:buffer'
import type { Message } from '../contract/alert.ts'
import type { Codec, CodecSetup, Encoded } from '../contract/codec.ts'
import { reasonOf } from '../contract/errors.ts'
import type { OptionsOf } from '../contract/options.ts'
import { decoding, notEncodable } from './failure.ts'
import { parseJson, stringifyJson } from './json-text.ts'
import { type Limits, limitFields, limitsOf, usualLimits } from './limits.ts'

/** JSON of any value, UTF-8. A tombstone is null. */
export class JsonCodec implements Codec {
  static readonly doc = 'JSON text, integers exact; bare NaN and Infinity are read.'
  static readonly fields = limitFields

  readonly name = 'json'
  readonly #limits: Limits

  constructor(options: OptionsOf<typeof limitFields>, _setup: CodecSetup) {
    this.#limits = limitsOf(options)
  }

  decode({ bytes }: Message): unknown {
    return bytes === null ? null : decodeJson(bytes, this.#limits)
  }

  encode(value: unknown): Encoded {
    return { bytes: encodeJson(value), headers: [] }
  }
}

/** Throws `DECODE_FAILED`. */
export function decodeJson(bytes: Uint8Array, limits = usualLimits): unknown {
  return decoding('JSON', () => {
    if (bytes.length > limits.bytes)
      throw new Error(`it has ${bytes.length} bytes, more than ${limits.bytes} (MAX_BYTES)`)
    return parseJson(utf8(bytes), limits)
  })
}

/** A value as UTF-8 JSON, 64-bit integers exact. */
export function encodeJson(value: unknown): Uint8Array {
  try {
    return Buffer.from(stringifyJson(value))
  } catch (error) {
    throw notEncodable('JSON', reasonOf(error), 'Return plain values: records, lists, text, numbers, bytes')
  }
}

/** Text of UTF-8 bytes, a byte order mark left out. Throws on bytes that are no UTF-8. */
export function utf8(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw new Error('the bytes are not UTF-8')
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}
