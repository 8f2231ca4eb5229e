import { crc32 } from 'node:zlib'

/**
 * Gzip with runs shortened and nothing else: zlib's output differs between processors and versions, and generated
 * files must be the same everywhere.
 */
export function gzipRuns(bytes: Uint8Array): Uint8Array {
  const header = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255)
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(crc32(bytes), 0)
  trailer.writeUInt32LE(bytes.length, 4)
  return Buffer.concat([header, deflateRuns(bytes), trailer])
}

/** The longest match that deflate has. */
const LONGEST = 258
const SHORTEST = 3

/** One final block with fixed codes (RFC 1951, 3.2.6): literals, and repeats of the byte before. */
function deflateRuns(bytes: Uint8Array): Uint8Array {
  const out = new BitWriter()
  out.bits(1, 1)
  out.bits(1, 2)
  for (let i = 0; i < bytes.length; ) {
    let run = 0
    while (i > 0 && run < LONGEST && i + run < bytes.length && bytes[i + run] === bytes[i - 1]) run++
    if (run < SHORTEST) {
      symbol(out, bytes[i]!)
      i++
    } else {
      repeat(out, run)
      i += run
    }
  }
  symbol(out, 256)
  return out.end()
}

function symbol(out: BitWriter, value: number): void {
  if (value < 144) out.code(0x30 + value, 8)
  else if (value < 256) out.code(0x190 + value - 144, 9)
  else if (value < 280) out.code(value - 256, 7)
  else out.code(0xc0 + value - 280, 8)
}

/** A length, then the distance 1, whose code is five zeros. */
function repeat(out: BitWriter, length: number): void {
  if (length === LONGEST) symbol(out, 285)
  else if (length <= 10) symbol(out, 254 + length)
  else {
    // From 11 on four symbols share each number of extra bits.
    const offset = length - SHORTEST
    const extra = 29 - Math.clz32(offset)
    symbol(out, 257 + 4 * extra + (offset >> extra))
    out.bits(offset & ((1 << extra) - 1), extra)
  }
  out.code(0, 5)
}

class BitWriter {
  readonly #bytes: number[] = []
  #used = 8

  /** The lowest bit first. */
  bits(value: number, count: number): void {
    for (let bit = 0; bit < count; bit++) this.#bit((value >> bit) & 1)
  }

  /** A code word: the highest bit first. */
  code(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) this.#bit((value >> bit) & 1)
  }

  end(): Uint8Array {
    return Uint8Array.from(this.#bytes)
  }

  #bit(bit: number): void {
    if (this.#used === 8) {
      this.#bytes.push(0)
      this.#used = 0
    }
    this.#bytes[this.#bytes.length - 1]! |= bit << this.#used++
  }
}
