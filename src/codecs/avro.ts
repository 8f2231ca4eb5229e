import type { Codec, FieldPaths } from '../contract/alert.ts'
import { openContainer } from './avro/container.ts'
import { AvroCursor } from './avro/cursor.ts'
import { readersOf } from './avro/readers.ts'
import { decoding, notEncodable } from './failure.ts'

/**
 * Avro object containers, the writer's schema inside. A container of one record gives that record, one of several gives
 * a list of them. Records and maps are plain objects, unions plain values, bytes and fixed are views of the message,
 * logical types are the numbers and bytes they are made of. A tombstone is null.
 */
export const avro: Codec = {
  name: 'avro',
  decode: ({ bytes }, fields) => (bytes === null ? null : decodeContainer(bytes, fields)),
  encode() {
    throw notEncodable('Avro', 'there is no schema to write it by', 'Set CODEC: json, or return the alert as it came')
  }
}

/** Throws `DECODE_FAILED`. */
export function decodeContainer(bytes: Uint8Array, fields?: FieldPaths): unknown {
  return decoding('Avro', () => {
    const records = readRecords(bytes, fields)
    if (records.length === 0) throw new Error('it holds no record')
    return records.length === 1 ? records[0] : records
  })
}

function readRecords(bytes: Uint8Array, fields: FieldPaths | undefined): unknown[] {
  const { schema, blocks } = openContainer(bytes)
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
