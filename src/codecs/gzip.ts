import { gzipSync } from 'node:zlib'
import type { FieldPaths, Message } from '../contract/alert.ts'
import type { Codec, CodecClass, CodecSetup, Encoded } from '../contract/codec.ts'
import { choice, fallbacksOf, type OptionsOf } from '../contract/options.ts'
import { AvroCodec } from './avro.ts'
import { BytesCodec } from './bytes.ts'
import { decoding } from './failure.ts'
import { JsonCodec } from './json.ts'
import { type Limits, limitFields, limitsOf } from './limits.ts'
import { unwrap } from './unwrap.ts'

const insides = { json: JsonCodec, avro: AvroCodec, bytes: BytesCodec } as const

const fields = {
  INSIDE: choice('the codec of what is compressed', Object.keys(insides) as (keyof typeof insides)[], {
    fallback: 'json'
  }),
  ...limitFields
}

/** Messages whose whole value is compressed by gzip or zlib; those that are not are read as they are. Writes gzip. */
export class GzipCodec implements Codec {
  static readonly doc = 'Values compressed by gzip or zlib, of another codec inside.'
  static readonly fields = fields

  readonly name = 'gzip'
  readonly #limits: Limits
  readonly #inside: Codec

  constructor(options: OptionsOf<typeof fields>, setup: CodecSetup) {
    this.#limits = limitsOf(options)
    // biome-ignore lint/suspicious/noExplicitAny: classes with options of their own
    const Inside: CodecClass<any> = insides[options.INSIDE]
    this.#inside = new Inside({ ...fallbacksOf(Inside.fields), ...options }, setup)
  }

  decode(message: Message, fields?: FieldPaths): unknown {
    const { bytes } = message
    if (bytes === null) return null
    const inside = decoding('gzip', () => unwrap(bytes, this.#limits))
    return this.#inside.decode({ ...message, bytes: inside }, fields)
  }

  encode(value: unknown): Encoded {
    const encoded = this.#inside.encode(value)
    return { ...encoded, bytes: gzipSync(encoded.bytes) }
  }
}
