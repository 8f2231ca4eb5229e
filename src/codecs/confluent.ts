import type { FieldPaths, Message } from '../contract/alert.ts'
import type { Codec, CodecSetup, Encoded } from '../contract/codec.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import { duration, flag, integer, list, type OptionsOf, text } from '../contract/options.ts'
import { configuredSchema } from './avro/configured.ts'
import { decodeBare } from './avro/decode.ts'
import { encodeBare } from './avro/encode.ts'
import type { AvroType } from './avro/schema.ts'
import { SchemaFiles } from './confluent/disk.ts'
import { SchemaRegistry } from './confluent/registry.ts'
import { SchemasById } from './confluent/schemas.ts'
import { notEncodable } from './failure.ts'
import { type Limits, limitFields, limitsOf } from './limits.ts'

export const registryFields = {
  REGISTRY: text(
    "URL of the schema registry; LSST's is https://rubin-alert-schemas.slac.stanford.edu/schema-registry, and without one only LSST's alert schemas that come with this program are known"
  ),
  REGISTRY_USER: text('user name for the registry'),
  REGISTRY_PASSWORD: text('password for the registry', { secret: true }),
  TIMEOUT: duration('how long the registry may take to answer, in seconds', { fallback: 10 }),
  LSST_SCHEMAS: flag(
    "whether ids are those of LSST's alert schemas, which come with this program; usual where REGISTRY is Rubin's or none"
  )
}

const fields = {
  ...registryFields,
  SCHEMA: list('the .avsc file, or files, or folder of them, to write by'),
  SCHEMA_ID: integer("the registry's id of the schema to write by; one of LSST's needs no SCHEMA"),
  ...limitFields
}

export const FRAME = 5

/** Avro behind the byte 0 and the id of its schema in a registry, as LSST sends its alerts. A tombstone is null. */
export class ConfluentCodec implements Codec {
  static readonly doc = 'Avro in Confluent framing, read by the schema that a registry, or the bundle of LSST, has.'
  static readonly fields = fields

  readonly name = 'confluent'
  readonly #limits: Limits
  readonly #schemas: SchemasById
  readonly #hasRegistry: boolean
  readonly #target: { readonly id: number; readonly type: AvroType } | undefined

  constructor(options: OptionsOf<typeof fields>, setup: CodecSetup) {
    this.#limits = limitsOf(options)
    this.#hasRegistry = options.REGISTRY !== undefined
    this.#schemas = schemasFrom(options, setup)
    const { SCHEMA, SCHEMA_ID: id } = options
    const readers = SCHEMA ? configuredSchema(SCHEMA, setup.baseDir).readers : id && this.#schemas.get(id)
    this.#target = id !== undefined && readers ? { id, type: readers.type } : undefined
  }

  /** True for bytes that are framed and can be read, now or after `prepare`. */
  reads(bytes: Uint8Array): boolean {
    return bytes[0] === 0 && bytes.length > FRAME && (this.#hasRegistry || this.#schemas.get(idOf(bytes)) !== undefined)
  }

  projects(): boolean {
    return true
  }

  prepare(message: Message, signal: AbortSignal): Promise<Message> | undefined {
    const { bytes } = message
    if (bytes === null || bytes[0] !== 0 || bytes.length < FRAME) return undefined
    return this.#schemas.fetch(idOf(bytes), signal)?.then(() => message)
  }

  decode({ bytes }: Message, fields?: FieldPaths): unknown {
    if (bytes === null) return null
    if (bytes[0] !== 0 || bytes.length < FRAME) {
      throw new AlertStreamsError('DECODE_FAILED', 'The message does not begin with the byte 0 and a schema id')
    }
    const id = idOf(bytes)
    const readers = this.#schemas.get(id)
    if (readers === undefined) throw this.#unknown(id)
    return decodeBare(bytes.subarray(FRAME), () => readers, fields, this.#limits)
  }

  encode(value: unknown): Encoded {
    if (this.#target === undefined) {
      throw notEncodable('Avro in Confluent framing', 'there is no schema to write it by', 'Set SCHEMA and SCHEMA_ID')
    }
    const frame = Buffer.alloc(FRAME)
    frame.writeUInt32BE(this.#target.id, 1)
    return { bytes: encodeBare(value, this.#target.type, frame), headers: [] }
  }

  #unknown(id: number): AlertStreamsError {
    const remedy = this.#hasRegistry ? 'It has to be fetched first' : 'Set REGISTRY to the schema registry of this feed'
    return new AlertStreamsError('DECODE_FAILED', `The message's schema, ${id} in its registry, is not known`, {
      remedy
    })
  }
}

export function idOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(1)
}

/** Throws `CONFIG_INVALID`. */
export function schemasFrom(options: OptionsOf<typeof registryFields>, { stateDir, log }: CodecSetup): SchemasById {
  const { REGISTRY, REGISTRY_USER: user, REGISTRY_PASSWORD: password, TIMEOUT: timeout, LSST_SCHEMAS } = options
  if (REGISTRY === undefined)
    return new SchemasById({ lsst: LSST_SCHEMAS ?? true, files: undefined, registry: undefined })
  const url = URL.parse(REGISTRY)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new AlertStreamsError('CONFIG_INVALID', 'REGISTRY must be an http or https URL without a user name', {
      remedy: 'Give user name and password as REGISTRY_USER and REGISTRY_PASSWORD'
    })
  }
  const registry = new SchemaRegistry({ url, user, password, timeout })
  const isRubin = /alert-schemas[\w-]*\.slac\.stanford\.edu$/.test(url.hostname)
  return new SchemasById({ lsst: LSST_SCHEMAS ?? isRubin, files: new SchemaFiles(stateDir, url.href, log), registry })
}
