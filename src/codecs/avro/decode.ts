import type { FieldPaths } from '../../contract/alert.ts'
import { decoding } from '../failure.ts'
import { type Limits, usualLimits } from '../limits.ts'
import { openContainer } from './container.ts'
import { readersOf } from './kept.ts'
import type { AvroReaders } from './readers.ts'

/** The record of an object container, or the list of them where there are several. Throws `DECODE_FAILED`. */
export function decodeContainer(bytes: Uint8Array, fields?: FieldPaths, limits = usualLimits): unknown {
  return decoding('Avro', () => {
    const { schema, blocks } = openContainer(bytes, limits.bytes)
    const readers = readersOf(schema)
    if (fields !== undefined && blocks.length === 1 && blocks[0]!.records === 1) {
      return readers.fields(blocks[0]!.bytes, fields, limits)
    }
    const records = readers.records(blocks, limits)
    if (records.length === 0) throw new Error('it holds no record')
    return records.length === 1 ? records[0] : records
  })
}

/** One record without a frame; `readers` finds out how it was written. Throws `DECODE_FAILED`. */
export function decodeBare(
  bytes: Uint8Array,
  readers: () => AvroReaders,
  fields: FieldPaths | undefined,
  limits: Limits
): unknown {
  return decoding('Avro', () => {
    if (fields !== undefined) return readers().fields(bytes, fields, limits)
    return readers().records([{ records: 1, bytes }], limits)[0]
  })
}
