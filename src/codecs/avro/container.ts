import { AvroCursor } from './cursor.ts'
import { AvroOutput } from './output.ts'
import type { AvroBlock } from './readers.ts'
import { unpackBlock } from './unpack.ts'

const SYNC = 16

/** What the header says, in its order; `avro.schema` and `avro.codec` among it. */
export type AvroMetadata = ReadonlyMap<string, Uint8Array>

export interface AvroContainer {
  /** The JSON text of the writer's schema, as a view of the message. */
  readonly schema: Uint8Array
  readonly metadata: AvroMetadata
  /** The 16 bytes behind the header and each block. */
  readonly sync: Uint8Array
  /** Unpacked. */
  readonly blocks: readonly AvroBlock[]
}

/** `Obj\x01` */
export function isAvroContainer(bytes: Uint8Array): boolean {
  return bytes[0] === 0x4f && bytes[1] === 0x62 && bytes[2] === 0x6a && bytes[3] === 0x01
}

/** The parts of an object container file. Throws unless it is whole, to the last byte. */
export function openContainer(bytes: Uint8Array, mostBytes: number): AvroContainer {
  if (!isAvroContainer(bytes)) throw new Error('it does not begin with "Obj" and the byte 1')
  const cursor = new AvroCursor(bytes)
  cursor.skip(4)
  const metadata = readMetadata(cursor)
  const schema = metadata.get('avro.schema')
  if (schema === undefined) throw new Error('its header has no schema')
  const codec = Buffer.from(metadata.get('avro.codec') ?? 'null').toString('latin1')
  const sync = cursor.take(SYNC)
  const blocks: AvroBlock[] = []
  let room = mostBytes
  while (cursor.left > 0) {
    const records = cursor.long()
    if (typeof records === 'bigint' || records < 0) throw new Error(`a block of ${records} records`)
    const block = cursor.takeBytes()
    if (!isEqual(cursor.take(SYNC), sync)) throw new Error('a block does not end with the sync marker')
    const unpacked = unpackBlock(block, codec, room)
    if (unpacked !== block) room -= unpacked.length
    blocks.push({ records, bytes: unpacked })
  }
  return { schema, metadata, sync, blocks }
}

/** An object container of these, not compressed, whatever the metadata say. `sync`: any 16 bytes. */
export function writeContainer(metadata: AvroMetadata, sync: Uint8Array, blocks: readonly AvroBlock[]): Uint8Array {
  const out = new AvroOutput()
  out.raw(Buffer.from('Obj\x01'))
  const entries = new Map([...metadata, ['avro.codec', Buffer.from('null')] as const])
  out.long(entries.size)
  for (const [key, value] of entries) {
    out.string(key)
    out.bytes(value)
  }
  out.long(0)
  out.raw(sync)
  for (const { records, bytes } of blocks) {
    out.long(records)
    out.bytes(bytes)
    out.raw(sync)
  }
  return out.written()
}

function readMetadata(cursor: AvroCursor): AvroMetadata {
  const metadata = new Map<string, Uint8Array>()
  for (let entries = cursor.items(2, 1); entries > 0; entries = cursor.items(2, 1)) {
    for (; entries > 0; entries--) metadata.set(cursor.string(), cursor.takeBytes())
  }
  return metadata
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  for (let index = 0; index < SYNC; index++) if (a[index] !== b[index]) return false
  return true
}
