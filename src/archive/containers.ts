import { createRequire } from 'node:module'
import { crc32, deflateRawSync, zstdCompressSync } from 'node:zlib'
import { type AvroReader, compileReader } from '../codecs/avro/compile.ts'
import { AvroCursor } from '../codecs/avro/cursor.ts'
import { readersOf } from '../codecs/avro/kept.ts'
import { AvroOutput } from '../codecs/avro/output.ts'
import type { AvroReaders } from '../codecs/avro/readers.ts'
import { unpackBlock } from '../codecs/avro/unpack.ts'
import { usualLimits } from '../codecs/limits.ts'
import { MOST_BYTES } from './damage.ts'

const require = createRequire(import.meta.url)

/** Bytes of the marker between blocks. */
export const SYNC = 16

/** What an Avro object container begins with. */
export interface ContainerHeader {
  /** All of it, the marker included. */
  readonly bytes: Uint8Array
  readonly schema: Uint8Array
  /** How blocks are compressed. */
  readonly codec: string
  readonly sync: Uint8Array
}

/** Throws where it is damaged, or where more bytes are needed. */
export function readHeader(bytes: Uint8Array): ContainerHeader {
  const cursor = new AvroCursor(bytes)
  cursor.skip(4)
  const metadata = new Map<string, Uint8Array>()
  for (let entries = cursor.items(2, 1); entries > 0; entries = cursor.items(2, 1)) {
    for (; entries > 0; entries--) metadata.set(cursor.string(), cursor.takeBytes())
  }
  const sync = cursor.take(SYNC)
  const schema = metadata.get('avro.schema')
  if (schema === undefined) throw new Error('its header has no schema')
  const codec = Buffer.from(metadata.get('avro.codec') ?? '').toString('latin1') || 'null'
  return { bytes: bytes.subarray(0, cursor.position), schema, codec, sync }
}

/** A block as it stands in the file: how many records, how many bytes, these bytes, the marker. */
export interface ContainerBlock {
  readonly records: number
  readonly packed: Uint8Array
  readonly bytes: Uint8Array
}

/**
 * Each record of a block as a container of its own, with the same header and the same compression: what every reader of
 * the file reads. What cannot be told apart stays together.
 */
export function* singly(header: ContainerHeader, block: ContainerBlock): Generator<Buffer> {
  if (block.records === 0) return
  if (block.records === 1) return yield Buffer.concat([header.bytes, block.bytes])
  const { bytes, ends } = apart(header, block)
  let start = 0
  for (const end of ends) {
    yield contained(header, 1, bytes.subarray(start, end))
    start = end
  }
  const left = block.records - ends.length
  if (ends.length === 0) yield Buffer.concat([header.bytes, block.bytes])
  else if (left > 0) yield contained(header, left, bytes.subarray(start))
  else if (start < bytes.length) yield contained(header, 0, bytes.subarray(start))
}

/** A block unpacked, and where in it each record ends, as far as they can be read. */
function apart(
  { schema, codec }: ContainerHeader,
  { records, packed }: ContainerBlock
): { readonly bytes: Uint8Array; readonly ends: readonly number[] } {
  const ends: number[] = []
  try {
    const bytes = unpackBlock(packed, codec, MOST_BYTES)
    const read = readerOf(schema)
    const cursor = new AvroCursor(bytes)
    try {
      while (ends.length < records && cursor.left > 0) {
        cursor.values = usualLimits.values
        read(cursor)
        if (cursor.left < 0) break
        ends.push(cursor.position)
      }
    } catch {
      // Those before it are whole; the decoder says what is wrong with the rest.
    }
    return { bytes, ends }
  } catch {
    return { bytes: packed, ends }
  }
}

const readers = new WeakMap<AvroReaders, AvroReader>()

function readerOf(schema: Uint8Array): AvroReader {
  const known = readersOf(schema)
  const read = readers.get(known) ?? compileReader(known.type)
  readers.set(known, read)
  return read
}

function contained(header: ContainerHeader, records: number, bytes: Uint8Array): Buffer {
  const block = new AvroOutput()
  block.long(records)
  block.bytes(packed(bytes, header.codec))
  block.raw(header.sync)
  return Buffer.concat([header.bytes, block.written()])
}

/** The counterpart of `unpackBlock`. */
function packed(bytes: Uint8Array, codec: string): Uint8Array {
  if (codec === 'deflate') return deflateRawSync(bytes)
  if (codec === 'zstandard') return zstdCompressSync(bytes)
  if (codec !== 'snappy') return bytes
  const { compressSync }: typeof import('snappy') = require('snappy')
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(bytes))
  return Buffer.concat([compressSync(Buffer.from(bytes)), sum])
}
