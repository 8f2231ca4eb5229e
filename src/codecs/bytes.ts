import type { Message } from '../contract/alert.ts'
import type { Codec, CodecSetup, Encoded } from '../contract/codec.ts'
import { notEncodable } from './failure.ts'

/** The payload is the message's bytes, shared with it; null for a tombstone. Writes bytes, and text as UTF-8. */
export class BytesCodec implements Codec {
  static readonly doc = 'The bytes as they are.'
  static readonly fields = {}

  readonly name = 'bytes'

  // biome-ignore lint/complexity/noUselessConstructor: every codec is made in the same way
  constructor(_options: object, _setup: CodecSetup) {}

  decode({ bytes }: Message): unknown {
    return bytes
  }

  encode(value: unknown): Encoded {
    return { bytes: asBytes(value), headers: [] }
  }
}

function asBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string') return Buffer.from(value)
  throw notEncodable(
    'bytes',
    `it is ${value === null ? 'null' : typeof value}`,
    'Return bytes or text, or set CODEC: json'
  )
}
