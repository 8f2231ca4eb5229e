import { AvroCursor } from './cursor.ts'
import type { AvroBlock } from './readers.ts'
import { unpackBlock } from './unpack.ts'

const SYNC = 16

export interface AvroContainer {
  /** The JSON text of the writer's schema, as a view of the message. */
  readonly schema: Uint8Array
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
  const { schema, codec } = readMetadata(cursor)
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
  return { schema, blocks }
}

function readMetadata(cursor: AvroCursor): { schema: Uint8Array; codec: string } {
  let schema: Uint8Array | undefined
  let codec = 'null'
  for (let entries = cursor.items(2, 1); entries > 0; entries = cursor.items(2, 1)) {
    for (; entries > 0; entries--) {
      const key = cursor.string()
      const value = cursor.takeBytes()
      if (key === 'avro.schema') schema = value
      if (key === 'avro.codec') codec = Buffer.from(value).toString('latin1')
    }
  }
  if (schema === undefined) throw new Error('its header has no schema')
  return { schema, codec }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  for (let index = 0; index < SYNC; index++) if (a[index] !== b[index]) return false
  return true
}
