const MAGIC = 0x184d2204
const BLOCK_CHECKSUMS = 0x10
const CONTENT_SIZE = 0x08
const DICTIONARY = 0x01
const UNCOMPRESSED = 0x80000000
/** A block's last byte of length can stand for 255 bytes at most. */
const BEST_RATIO = 255

/** No fewer bytes than an LZ4 frame can hold, read from the headers of its blocks. */
export function lz4Bound(frame: Buffer): number {
  if (frame.readUInt32LE(0) !== MAGIC) throw new RangeError('not an LZ4 frame')
  const flags = frame.readUInt8(4)
  const largest = 2 ** (8 + 2 * ((frame.readUInt8(5) >> 4) & 7))
  let offset = 7 + (flags & CONTENT_SIZE ? 8 : 0) + (flags & DICTIONARY ? 4 : 0)
  let bound = 0
  for (;;) {
    const head = frame.readUInt32LE(offset)
    if (head === 0) return bound
    const length = head % UNCOMPRESSED
    bound += head >= UNCOMPRESSED ? length : Math.min(largest, length * BEST_RATIO)
    offset += 4 + length + (flags & BLOCK_CHECKSUMS ? 4 : 0)
  }
}
