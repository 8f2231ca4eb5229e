import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { AlertStreamsError, reasonOf } from '../../contract/errors.ts'
import { lz4Bound } from './lz4-frame.ts'
import type { BatchCodec } from './produce-request.ts'
import { snappyBlocks, snappySize } from './snappy-framing.ts'

/** How one compression turns bytes into others; `limit`: the most bytes that may come out. */
interface Compression {
  compress(bytes: Buffer): Promise<Buffer>
  decompress(bytes: Buffer, limit: number): Promise<Buffer>
}

const gzip = promisify(zlib.gzip)
const unzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.unzip)
const zstdCompress = promisify<Buffer, Buffer>(zlib.zstdCompress)
const zstdDecompress = promisify<Buffer, zlib.ZstdOptions, Buffer>(zlib.zstdDecompress)

/** By the numbers that batches carry. Native modules load with the first batch that needs them. */
const compressions: Readonly<Record<number, readonly [name: string, Compression]>> = {
  1: [
    'gzip',
    { compress: (bytes) => gzip(bytes), decompress: (bytes, limit) => unzip(bytes, { maxOutputLength: limit }) }
  ],
  2: [
    'snappy',
    {
      compress: async (bytes) => (await import('snappy')).compress(bytes),
      decompress: async (bytes, limit) => {
        const blocks = snappyBlocks(bytes)
        checkSize(
          blocks.reduce((sum, block) => sum + snappySize(block), 0),
          limit
        )
        const parts = await Promise.all(blocks.map(uncompressBlock))
        return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
      }
    }
  ],
  3: [
    'lz4',
    {
      compress: async (bytes) => (await import('lz4-napi')).compressFrame(bytes),
      decompress: async (bytes, limit) => {
        checkSize(lz4Bound(bytes), limit)
        return (await import('lz4-napi')).decompressFrame(bytes)
      }
    }
  ],
  4: [
    'zstd',
    {
      compress: (bytes) => zstdCompress(bytes),
      decompress: (bytes, limit) => zstdDecompress(bytes, { maxOutputLength: limit })
    }
  ]
}

/** kafkajs' codecs, one maker by compression number. A batch that cannot be unpacked throws `DECODE_FAILED`. */
export function batchCodecs(limit: number): Record<number, () => BatchCodec> {
  return Object.fromEntries(
    Object.entries(compressions).map(([number, [name, compression]]) => {
      const codec: BatchCodec = {
        compress: ({ buffer }) => compression.compress(buffer),
        decompress: (bytes) =>
          compression.decompress(bytes, limit).catch((cause) => Promise.reject(unreadable(name, cause)))
      }
      return [number, () => codec]
    })
  )
}

async function uncompressBlock(block: Buffer): Promise<Buffer> {
  const bytes = await (await import('snappy')).uncompress(block)
  return typeof bytes === 'string' ? Buffer.from(bytes) : bytes
}

function checkSize(size: number, limit: number): void {
  if (size > limit) throw new RangeError(`up to ${size} bytes in one batch; ${limit} are allowed`)
}

/** kafkajs tries what is not marked for seconds, and hands on only the innermost cause: so it has the mark and no cause. */
function unreadable(name: string, cause: unknown): AlertStreamsError {
  const message = `A batch compressed with ${name} cannot be unpacked: ${reasonOf(cause)}`
  const remedy = 'Look at the topic with another client; start behind the damaged batch.'
  return Object.assign(new AlertStreamsError('DECODE_FAILED', message, { remedy }), { retriable: false })
}
