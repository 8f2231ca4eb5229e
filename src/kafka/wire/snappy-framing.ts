/**
 * The raw Snappy blocks in a compressed batch. Java clients cut it into blocks behind a header of their own (Xerial's);
 * others send one raw block.
 */
export function snappyBlocks(bytes: Buffer): Buffer[] {
  if (!bytes.subarray(0, XERIAL.length).equals(XERIAL)) return [bytes]
  const blocks: Buffer[] = []
  let offset = XERIAL_HEADER_SIZE
  while (offset < bytes.length) {
    const start = offset + 4
    offset = start + bytes.readInt32BE(offset)
    if (offset < start || offset > bytes.length) throw new RangeError('a Xerial block is cut off')
    blocks.push(bytes.subarray(start, offset))
  }
  return blocks
}

/** Bytes that a raw block says it holds; a decoder accepts no other number. */
export function snappySize(block: Buffer): number {
  let size = 0
  for (let index = 0, scale = 1; index < 5; index++, scale *= 128) {
    const byte = block.readUInt8(index)
    size += (byte & 127) * scale
    if (byte < 128) return size
  }
  throw new RangeError('a Snappy block does not begin with its size')
}

const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
/** Behind the magic bytes: a version and the oldest compatible one, four bytes each. */
const XERIAL_HEADER_SIZE = 16
