/** Fills a buffer from front to back with the primitive types of Kafka's protocol. */
export class ByteWriter {
  readonly buffer: Buffer
  offset: number

  constructor(buffer: Buffer, offset = 0) {
    this.buffer = buffer
    this.offset = offset
  }

  int8(value: number): void {
    this.offset = this.buffer.writeInt8(value, this.offset)
  }

  int16(value: number): void {
    this.offset = this.buffer.writeInt16BE(value, this.offset)
  }

  int32(value: number): void {
    this.offset = this.buffer.writeInt32BE(value, this.offset)
  }

  int64(value: bigint): void {
    this.offset = this.buffer.writeBigInt64BE(value, this.offset)
  }

  /** Zigzag and base 128; a safe integer. */
  varint(value: number): void {
    let rest = zigzag(value)
    while (rest >= 128) {
      this.buffer[this.offset++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.buffer[this.offset++] = rest
  }

  bytes(value: Uint8Array): void {
    this.buffer.set(value, this.offset)
    this.offset += value.length
  }

  /** With its length as a varint before it; null is length -1. */
  varintBytes(value: Uint8Array | null): void {
    this.varint(value === null ? -1 : value.length)
    if (value !== null) this.bytes(value)
  }

  /** With its length as an int16 before it; null is length -1. */
  string(value: string | null): void {
    const bytes = value === null ? null : Buffer.from(value)
    this.int16(bytes === null ? -1 : bytes.length)
    if (bytes !== null) this.bytes(bytes)
  }
}

export function sizeOfVarint(value: number): number {
  let size = 1
  for (let rest = zigzag(value); rest >= 128; rest = Math.floor(rest / 128)) size += 1
  return size
}

export function sizeOfVarintBytes(value: Uint8Array | null): number {
  return value === null ? 1 : sizeOfVarint(value.length) + value.length
}

export function sizeOfString(value: string | null): number {
  return 2 + (value === null ? 0 : Buffer.byteLength(value))
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}
