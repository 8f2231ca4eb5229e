import { createHash } from 'node:crypto'
import { isAvroContainer, openContainer, writeContainer } from '../codecs/avro/container.ts'
import { readersOf } from '../codecs/avro/kept.ts'
import type { AvroBlock, AvroReaders } from '../codecs/avro/readers.ts'
import { FRAME, idOf } from '../codecs/confluent.ts'
import type { SchemasById } from '../codecs/confluent/schemas.ts'
import { decoding } from '../codecs/failure.ts'
import { usualLimits } from '../codecs/limits.ts'
import type { FieldPaths } from '../contract/alert.ts'
import { AlertStreamsError, adviceOf, codeOf } from '../contract/errors.ts'
import { type SchemaFacts, schemaFacts } from './schema.ts'

/** An alert as it goes into the archive: an object container file. */
export interface Packet {
  readonly bytes: Uint8Array
  readonly facts: SchemaFacts
  /** These fields of the one record in it; give the same list each time. Throws `SINK_REJECTED`. */
  fields(paths: FieldPaths): unknown
}

/** Makes files of messages. */
export class Packets {
  readonly #schemas: SchemasById
  readonly #mends: boolean

  /** `mends`: schemas that strict readers refuse are mended, and the records rewritten. */
  constructor(schemas: SchemasById, mends: boolean) {
    this.#schemas = schemas
    this.#mends = mends
  }

  /**
   * A container stays byte for byte what it is, unless its schema is mended; a record in Confluent framing gets its schema.
   * Rejects with `SINK_REJECTED`, and with `SINK_UNAVAILABLE` where a schema cannot be had at the moment.
   */
  async packetOf(bytes: Uint8Array, signal: AbortSignal): Promise<Packet> {
    try {
      if (isAvroContainer(bytes)) return decoding('Avro', () => this.#ofContainer(bytes))
      if (bytes[0] === 0 && bytes.length > FRAME) return await this.#ofFramed(bytes, signal)
    } catch (error) {
      if (codeOf(error, 'SINK_REJECTED') === 'FETCH_FAILED') throw unavailable(error)
      throw rejected(adviceOf(error))
    }
    throw rejected('it is no Avro container. FileSink with FORMAT: raw keeps bytes of any kind.')
  }

  #ofContainer(bytes: Uint8Array): Packet {
    const { schema, metadata, sync, blocks } = openContainer(bytes, usualLimits.bytes)
    const readers = readersOf(schema)
    const facts = schemaFacts(schema, readers)
    const { mended } = facts
    const fields = fieldsOf(readers, blocks)
    if (mended === undefined || !this.#mends) return { bytes, facts, fields }
    const header = new Map([...metadata, ['avro.schema', mended.text] as const])
    return { bytes: writeContainer(header, sync, blocks.map(mended.rewrite)), facts, fields }
  }

  async #ofFramed(bytes: Uint8Array, signal: AbortSignal): Promise<Packet> {
    const id = idOf(bytes)
    await this.#schemas.fetch(id, signal)
    const schema = this.#schemas.schema(id)
    if (schema === undefined) {
      throw rejected(`its schema, ${id} in a registry, is not known. Set REGISTRY to the schema registry of this feed.`)
    }
    const { text, readers } = schema
    const blocks = [{ records: 1, bytes: bytes.subarray(FRAME) }]
    decoding('Avro', () => readers.records(blocks, usualLimits))
    // The same for the same alert, so that the file is.
    const sync = createHash('md5').update(bytes).digest()
    const header = new Map([['avro.schema', text]])
    return {
      bytes: writeContainer(header, sync, blocks),
      facts: schemaFacts(text, readers),
      fields: fieldsOf(readers, blocks)
    }
  }
}

function fieldsOf(readers: AvroReaders, blocks: readonly AvroBlock[]): Packet['fields'] {
  return (paths) => {
    const [block] = blocks
    const records = blocks.reduce((sum, one) => sum + one.records, 0)
    if (block === undefined || records !== 1) throw rejected(`it holds ${records} records, and its name is that of one`)
    try {
      return decoding('Avro', () => readers.fields(block.bytes, paths, usualLimits))
    } catch (error) {
      throw rejected(adviceOf(error))
    }
  }
}

function rejected(reason: string): AlertStreamsError {
  return new AlertStreamsError('SINK_REJECTED', reason)
}

function unavailable(cause: unknown): AlertStreamsError {
  return new AlertStreamsError('SINK_UNAVAILABLE', adviceOf(cause), {
    cause,
    remedy: 'Check REGISTRY and its account.'
  })
}
