import type { FieldPaths, Message } from '../contract/alert.ts'
import type { Codec, CodecSetup, Encoded } from '../contract/codec.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import { headerOf } from '../contract/headers.ts'
import { list, map, type OptionsOf, text } from '../contract/options.ts'
import { type ConfiguredSchema, configuredSchema } from './avro/configured.ts'
import { isAvroContainer } from './avro/container.ts'
import { decodeBare, decodeContainer } from './avro/decode.ts'
import { encodeBare } from './avro/encode.ts'
import { readersOf } from './avro/kept.ts'
import type { AvroReaders } from './avro/readers.ts'
import { notEncodable } from './failure.ts'
import { type Limits, limitFields, limitsOf } from './limits.ts'

const fields = {
  HEADER: text("the header that holds the writer's schema, where it is not the key"),
  SCHEMAS: map('for keys that are the name of a schema: the .avsc file of each, by its name'),
  SCHEMA: list('the .avsc file, or files, or folder of them, to write by'),
  ...limitFields
}

/**
 * Avro bodies whose writer's schema is the JSON text in the message's key, or in a header, as Fink sends them; a key
 * that is no JSON is looked up in SCHEMAS. Object containers are read by their own. A tombstone is null.
 */
export class AvroKeyCodec implements Codec {
  static readonly doc = "Avro with the writer's schema in the message's key or a header, as Fink sends it."
  static readonly fields = fields

  readonly name = 'avro-key'
  readonly #limits: Limits
  readonly #header: string | undefined
  readonly #named: ReadonlyMap<string, ConfiguredSchema>
  readonly #target: ConfiguredSchema | undefined

  constructor({ HEADER, SCHEMAS = {}, SCHEMA, ...limits }: OptionsOf<typeof fields>, { baseDir }: CodecSetup) {
    this.#limits = limitsOf(limits)
    this.#header = HEADER
    this.#target = SCHEMA && configuredSchema(SCHEMA, baseDir)
    this.#named = new Map(
      Object.entries(SCHEMAS).map(([name, path]) => [name, configuredSchema(pathsIn(path), baseDir)])
    )
  }

  projects(): boolean {
    return true
  }

  decode(message: Message, fields?: FieldPaths): unknown {
    const { bytes } = message
    if (bytes === null) return null
    if (isAvroContainer(bytes)) return decodeContainer(bytes, fields, this.#limits)
    return decodeBare(bytes, () => this.#readersFor(message), fields, this.#limits)
  }

  encode(value: unknown): Encoded {
    const schema = this.#target
    if (schema === undefined) {
      throw notEncodable('Avro with its schema in the key', 'there is no schema to write it by', 'Set SCHEMA')
    }
    const bytes = encodeBare(value, schema.readers.type)
    const header = this.#header
    return header === undefined ? { bytes, headers: [], key: schema.text } : { bytes, headers: [[header, schema.text]] }
  }

  #readersFor(message: Message): AvroReaders {
    const place = this.#header === undefined ? 'key' : `header ${this.#header}`
    const schema = this.#header === undefined ? message.key : headerOf(message.headers, this.#header)
    if (schema === null || schema === undefined) throw failed(`The message has no ${place}, where its schema should be`)
    if (isJson(schema)) return readersOf(schema)
    const name = Buffer.from(schema).toString().slice(0, 200)
    const named = this.#named.get(name)
    if (named !== undefined) return named.readers
    throw failed(`The message's ${place} names the schema "${name}", which is not in SCHEMAS`)
  }
}

/** True where the key is an Avro schema of a record. */
export function hasSchemaKey({ key }: Pick<Message, 'key'>): boolean {
  if (key === null || key[0] !== 0x7b) return false
  const text = Buffer.from(key.buffer, key.byteOffset, key.byteLength)
  return text.includes('"record"') && text.includes('"fields"')
}

function isJson(schema: Uint8Array): boolean {
  return schema[0] === 0x7b || schema[0] === 0x5b || schema[0] === 0x22
}

function pathsIn(path: unknown): readonly string[] {
  return Array.isArray(path) ? path.map(String) : [String(path)]
}

function failed(what: string): AlertStreamsError {
  return new AlertStreamsError('DECODE_FAILED', what, {
    remedy: "Give the schema's file in SCHEMAS by that name, set HEADER where a header has the schema, or another CODEC"
  })
}
