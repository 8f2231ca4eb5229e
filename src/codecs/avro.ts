import type { FieldPaths, Message } from '../contract/alert.ts'
import type { Codec, CodecSetup } from '../contract/codec.ts'
import type { OptionsOf } from '../contract/options.ts'
import { openContainer } from './avro/container.ts'
import { AvroCursor } from './avro/cursor.ts'
import { readersOf } from './avro/readers.ts'
import { decoding, notEncodable } from './failure.ts'
import { type Limits, limitFields, limitsOf, usualLimits } from './limits.ts'

/**
 * Avro object containers, the writer's schema inside. A container of one record gives that record, one of several gives
 * a list of them. Records and maps are plain objects, unions plain values, bytes and fixed are views of the message,
 * logical types are the numbers and bytes they are made of. A tombstone is null.
 */
export class AvroCodec implements Codec {
  static readonly doc = "Avro object containers, read by the writer's schema in them."
  static readonly fields = limitFields

  readonly name = 'avro'
  readonly #limits: Limits

  constructor(options: OptionsOf<typeof limitFields>, _setup: CodecSetup) {
    this.#limits = limitsOf(options)
  }

  projects(): boolean {
    return true
  }

  decode({ bytes }: Message, fields?: FieldPaths): unknown {
    return bytes === null ? null : decodeContainer(bytes, fields, this.#limits)
  }

  encode(): never {
    throw notEncodable('Avro', 'there is no schema to write it by', 'Set CODEC: json, or return the alert as it came')
  }
}

/** Throws `DECODE_FAILED`. */
export function decodeContainer(bytes: Uint8Array, fields?: FieldPaths, limits = usualLimits): unknown {
  return decoding('Avro', () => {
    const records = readRecords(bytes, fields, limits)
    if (records.length === 0) throw new Error('it holds no record')
    return records.length === 1 ? records[0] : records
  })
}

function readRecords(bytes: Uint8Array, fields: FieldPaths | undefined, limits: Limits): unknown[] {
  const { schema, blocks } = openContainer(bytes, limits.bytes)
  const readers = readersOf(schema)
  if (fields !== undefined && blocks.length === 1 && blocks[0]!.records === 1) {
    return [readers.some(fields)(new AvroCursor(blocks[0]!.bytes))]
  }
  return blocks.flatMap((block) => {
    const cursor = new AvroCursor(block.bytes)
    const count = cursor.hold(block.records, readers.smallest)
    const values = Array.from({ length: count }, () => readers.all(cursor))
    if (cursor.left !== 0) throw new Error(`${cursor.left} bytes are left over in a block`)
    return values
  })
}
