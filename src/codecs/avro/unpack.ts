import { createRequire } from 'node:module'
import { crc32, inflateRawSync, zstdDecompressSync } from 'node:zlib'

const require = createRequire(import.meta.url)

/** A container's block as it was before it was compressed. Throws on one that would take more than so many bytes. */
export function unpackBlock(block: Uint8Array, codec: string, mostBytes: number): Uint8Array {
  switch (codec) {
    case '':
    case 'null':
      return block
    case 'deflate':
      return inflateRawSync(block, { maxOutputLength: atLeastOne(mostBytes) })
    case 'zstandard':
      return zstdDecompressSync(block, { maxOutputLength: atLeastOne(mostBytes) })
    case 'snappy':
      return unpackSnappy(block, mostBytes)
    default:
      throw new Error(
        `its blocks are compressed by "${codec.slice(0, 40)}"; known are null, deflate, snappy and zstandard`
      )
  }
}

/** zlib takes 0 for no bound. */
function atLeastOne(bytes: number): number {
  return Math.max(1, bytes)
}

/** Raw snappy, and behind it the big-endian CRC-32 of what was compressed. */
function unpackSnappy(block: Uint8Array, mostBytes: number): Uint8Array {
  const { uncompressSync }: typeof import('snappy') = require('snappy')
  const packed = Buffer.from(block.buffer as ArrayBuffer, block.byteOffset, block.length - 4)
  const size = snappySize(packed)
  if (size > mostBytes) throw new Error(`a block of ${size} bytes, where ${mostBytes} are allowed`)
  const bytes = uncompressSync(packed, { asBuffer: true }) as Buffer
  const sum = new DataView(block.buffer, block.byteOffset + packed.length, 4).getUint32(0)
  if (crc32(bytes) !== sum) throw new Error('the checksum of a block is wrong')
  return bytes
}

/** It comes first, as groups of seven bits, the lowest first. */
function snappySize(packed: Uint8Array): number {
  let size = 0
  for (let index = 0; index < 5; index++) {
    const byte = packed[index] ?? 0
    size += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return size
  }
  throw new Error('a block whose size is no 32-bit number')
}
