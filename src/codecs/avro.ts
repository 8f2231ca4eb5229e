import type { FieldPaths, Message } from '../contract/alert.ts'
import type { Codec, CodecSetup, Encoded } from '../contract/codec.ts'
import { list, type OptionsOf } from '../contract/options.ts'
import { type ConfiguredSchema, configuredSchema } from './avro/configured.ts'
import { isAvroContainer } from './avro/container.ts'
import { decodeBare, decodeContainer } from './avro/decode.ts'
import { encodeContainer } from './avro/encode.ts'
import { type Limits, limitFields, limitsOf } from './limits.ts'

const fields = {
  SCHEMA: list('the .avsc file, or files, or folder of them, of bodies without a schema, and to write by'),
  ...limitFields
}

/**
 * Avro object containers, the writer's schema inside, and bodies without one where SCHEMA says it. A container of one
 * record gives that record, one of several gives a list of them. Records and maps are plain objects, unions plain values,
 * bytes and fixed are views of the message, logical types are the numbers and bytes they are made of. A tombstone is
 * null. Writes containers, by SCHEMA or one that it makes for each value.
 */
export class AvroCodec implements Codec {
  static readonly doc = "Avro object containers, read by the writer's schema in them; others by SCHEMA."
  static readonly fields = fields

  readonly name = 'avro'
  readonly #limits: Limits
  readonly #schema: ConfiguredSchema | undefined

  constructor(options: OptionsOf<typeof fields>, { baseDir }: CodecSetup) {
    this.#limits = limitsOf(options)
    this.#schema = options.SCHEMA && configuredSchema(options.SCHEMA, baseDir)
  }

  projects(): boolean {
    return true
  }

  decode({ bytes }: Message, fields?: FieldPaths): unknown {
    if (bytes === null) return null
    const schema = this.#schema
    if (schema === undefined || isAvroContainer(bytes)) return decodeContainer(bytes, fields, this.#limits)
    return decodeBare(bytes, () => schema.readers, fields, this.#limits)
  }

  encode(value: unknown): Encoded {
    return { bytes: encodeContainer(value, this.#schema), headers: [] }
  }
}
