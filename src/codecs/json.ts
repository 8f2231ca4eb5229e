import { isUtf8 } from 'node:buffer'
import type { Message } from '../contract/alert.ts'
import type { Codec, CodecSetup, Encoded } from '../contract/codec.ts'
import { reasonOf } from '../contract/errors.ts'
import { decoding, notEncodable } from './failure.ts'
import { parseJson, stringifyJson } from './json-text.ts'

/** JSON of any value, UTF-8. A tombstone is null. */
export class JsonCodec implements Codec {
  static readonly doc = 'JSON text, integers exact; bare NaN and Infinity are read.'
  static readonly fields = {}

  readonly name = 'json'

  // biome-ignore lint/complexity/noUselessConstructor: every codec is made in the same way
  constructor(_options: object, _setup: CodecSetup) {}

  decode({ bytes }: Message): unknown {
    return bytes === null ? null : decodeJson(bytes)
  }

  encode(value: unknown): Encoded {
    return { bytes: encodeJson(value), headers: [] }
  }
}

/** Throws `DECODE_FAILED`. */
export function decodeJson(bytes: Uint8Array): unknown {
  return decoding('JSON', () => parseJson(utf8(bytes)))
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
