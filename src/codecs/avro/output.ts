import type { Long } from '../../contract/alert.ts'

/** Writes Avro's primitives one after another. */
export class AvroOutput {
  #bytes = Buffer.allocUnsafe(4096)
  #length = 0

  /** Everything written so far. */
  written(): Uint8Array {
    return Buffer.from(this.#bytes.subarray(0, this.#length))
  }

  boolean(value: boolean): void {
    this.#room(1)
    this.#bytes[this.#length++] = value ? 1 : 0
  }

  /** Zig-zag in groups of seven bits; must fit into 64 bits. */
  long(value: Long): void {
    this.#room(10)
    if (typeof value === 'number' && value >= -0x40000000 && value < 0x40000000) {
      let rest = ((value << 1) ^ (value >> 31)) >>> 0
      for (; rest > 0x7f; rest >>>= 7) this.#bytes[this.#length++] = (rest & 0x7f) | 0x80
      this.#bytes[this.#length++] = rest
      return
    }
    const wide = BigInt(value)
    let rest = BigInt.asUintN(64, (wide << 1n) ^ (wide >> 63n))
    for (; rest > 0x7fn; rest >>= 7n) this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80
    this.#bytes[this.#length++] = Number(rest)
  }

  float(value: number): void {
    this.#room(4)
    this.#length = this.#bytes.writeFloatLE(value, this.#length)
  }

  double(value: number): void {
    this.#room(8)
    this.#length = this.#bytes.writeDoubleLE(value, this.#length)
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** Bytes and strings: the length comes first. */
  bytes(bytes: Uint8Array): void {
    this.long(bytes.length)
    this.raw(bytes)
  }

  string(text: string): void {
    this.bytes(Buffer.from(text))
  }

  #room(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + more))
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = larger
  }
}
