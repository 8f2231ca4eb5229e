import { gzipSync, zstdCompressSync } from 'node:zlib'
import { compressFrame } from 'lz4-napi'
import { compress as snappy } from 'snappy'
import { describe, expect, test } from 'vitest'
import { batchCodecs } from '../../../src/kafka/wire/codecs.ts'
import { lz4Bound } from '../../../src/kafka/wire/lz4-frame.ts'

const limit = 1_000_000
const codecs = batchCodecs(limit)
// Marked, or kafkajs would try again for seconds.
const refusal = { code: 'DECODE_FAILED', retriable: false }
const unpack = (compression: number, bytes: Buffer) => codecs[compression]!().decompress(bytes)

const packers: [string, number, (bytes: Buffer) => Promise<Buffer>][] = [
  ['gzip', 1, async (bytes) => gzipSync(bytes)],
  ['snappy', 2, (bytes) => snappy(bytes)],
  ['snappy as Java frames it', 2, async (bytes) => xerial([await snappy(bytes)])],
  ['lz4', 3, (bytes) => compressFrame(bytes)],
  ['zstd', 4, async (bytes) => zstdCompressSync(bytes)]
]

describe('compressed batches', () => {
  test('in two Snappy blocks behind a header of Java clients', async () => {
    // A literal of five bytes each, after the format's description: the size, (length - 1) << 2, the bytes.
    const blocks = [Buffer.from('\x05\x10hello'), Buffer.from('\x05\x10world')]
    expect(String(await unpack(2, xerial(blocks)))).toBe('helloworld')
    expect(String(await unpack(2, blocks[0]!))).toBe('hello')
    expect(await unpack(2, xerial([]))).toHaveLength(0)
  })

  test.each(packers)('within the limit, %s', async (_, compression, pack) => {
    // What an LZ4 frame holds is known to a block.
    const bytes = Buffer.alloc(limit - 2 ** 16, 'alert')
    expect((await unpack(compression, await pack(bytes))).equals(bytes)).toBe(true)
  })

  test.each(packers)('beyond the limit are refused, %s', async (_, compression, pack) => {
    const bytes = await pack(Buffer.alloc(limit + 1))
    await expect(unpack(compression, bytes)).rejects.toMatchObject(refusal)
  })

  test.each(packers)('cut off are refused, %s', async (_, compression, pack) => {
    const bytes = await pack(Buffer.from('an alert packet, '.repeat(90)))
    for (const length of [0, 1, 5, 17, bytes.length - 2]) {
      const part = bytes.subarray(0, length)
      await expect(unpack(compression, part), `${length} bytes`).rejects.toMatchObject(refusal)
    }
  })

  test('the bound of an LZ4 frame is never below what it holds', async () => {
    for (const size of [0, 1, 300, 70_000, 5_000_000]) {
      const frame = await compressFrame(Buffer.alloc(size), { blockChecksums: true, contentChecksum: true })
      expect(lz4Bound(frame)).toBeGreaterThanOrEqual(size)
    }
  })
})

function xerial(blocks: readonly Buffer[]): Buffer {
  const header = Buffer.from('\x82SNAPPY\0\0\0\0\x01\0\0\0\x01', 'latin1')
  return Buffer.concat([header, ...blocks.flatMap((block) => [sizeOf(block), block])])
}

function sizeOf(block: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeInt32BE(block.length)
  return size
}
