import { isUtf8 } from 'node:buffer'
import { toLong } from '../long.ts'
import type { Limits } from '../limits.ts'

export type BsonDocument = Record<string, unknown>

const STRING = 0x02
const DOCUMENT = 0x03
const ARRAY = 0x04
/** Of a document: its length and the zero at its end. */
const SMALLEST = 5

/**
 * Reads a BSON document. Integers of 64 bits are exact, binary data are views of the input, dates are `Date`, object ids
 * 24 hexadecimal digits. Throws on types that are no data (code, regular expressions), and beyond the limits before
 * anything is built.
 */
export function readBson(bytes: Uint8Array, limits: Pick<Limits, 'depth' | 'values'>): BsonDocument {
  const reader = new BsonReader(bytes, limits)
  const document = reader.document(1)
  if (reader.at !== bytes.length) throw new Error(`${bytes.length - reader.at} bytes follow the document`)
  return document
}

/** It says its own length, and ends with a zero. */
export function isBson(bytes: Uint8Array): boolean {
  const { length, buffer, byteOffset } = bytes
  if (length < SMALLEST || bytes[length - 1] !== 0) return false
  return new DataView(buffer, byteOffset, length).getInt32(0, true) === length
}

class BsonReader {
  at = 0
  readonly #bytes: Buffer
  readonly #depth: number
  #valuesLeft: number

  constructor(bytes: Uint8Array, { depth, values }: Pick<Limits, 'depth' | 'values'>) {
    this.#bytes = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength)
    this.#depth = depth
    this.#valuesLeft = values
  }

  document(depth: number): BsonDocument {
    const document: BsonDocument = {}
    for (const end = this.#open(depth); this.#next(end); ) {
      const type = this.#bytes[this.at++]!
      const name = this.#name(end)
      const value = this.#value(type, depth)
      if (name === '__proto__') Object.defineProperty(document, name, { value, ...plain })
      else document[name] = value
    }
    return document
  }

  /** The names of its elements are their numbers. */
  #array(depth: number): unknown[] {
    const items: unknown[] = []
    for (const end = this.#open(depth); this.#next(end); ) {
      const type = this.#bytes[this.at++]!
      this.at = this.#endOfName(end) + 1
      items.push(this.#value(type, depth))
    }
    return items
  }

  /** Where the zero at its end must be. */
  #open(depth: number): number {
    if (depth > this.#depth) throw new Error(`it nests deeper than ${this.#depth} (MAX_DEPTH)`)
    const start = this.at
    const length = this.#int32()
    if (length < SMALLEST || length > this.#bytes.length - start) throw new Error(`a document of ${length} bytes`)
    return start + length - 1
  }

  /** False at the end. */
  #next(end: number): boolean {
    if (this.at < end) {
      if (--this.#valuesLeft < 0) throw new Error('it holds more values than MAX_VALUES')
      return true
    }
    if (this.at !== end || this.#bytes[this.at++] !== 0) throw new Error('a document does not end where it should')
    return false
  }

  #value(type: number, depth: number): unknown {
    switch (type) {
      case 0x01:
        return this.#bytes.readDoubleLE(this.#step(8))
      case STRING:
        return this.#string()
      case DOCUMENT:
        return this.document(depth + 1)
      case ARRAY:
        return this.#array(depth + 1)
      case 0x05:
        return this.#binary()
      case 0x07:
        return this.#take(12).toString('hex')
      case 0x08:
        return this.#boolean()
      case 0x09:
        return dateOf(this.#bytes.readBigInt64LE(this.#step(8)))
      case 0x06: // undefined
      case 0x0a:
        return null
      case 0x10:
        return this.#int32()
      case 0x11:
        return toLong(this.#bytes.readBigUInt64LE(this.#step(8)))
      case 0x12:
        return toLong(this.#bytes.readBigInt64LE(this.#step(8)))
      default:
        throw new Error(`a value of the type 0x${type.toString(16).padStart(2, '0')}, which is not read here`)
    }
  }

  #boolean(): boolean {
    const value = this.#bytes[this.#step(1)]!
    if (value > 1) throw new Error(`${value} is no boolean`)
    return value === 1
  }

  #string(): string {
    const length = this.#int32()
    if (length < 1) throw new Error(`a string of ${length} bytes`)
    const start = this.#step(length)
    if (this.#bytes[this.at - 1] !== 0) throw new Error('a string does not end with a zero')
    return this.#text(start, this.at - 1)
  }

  #binary(): Uint8Array {
    const length = this.#int32()
    this.#step(1) // the subtype
    if (length < 0) throw new Error(`binary data of ${length} bytes`)
    const { buffer, byteOffset } = this.#take(length)
    return new Uint8Array(buffer, byteOffset, length)
  }

  #name(end: number): string {
    const start = this.at
    const zero = this.#endOfName(end)
    this.at = zero + 1
    return this.#text(start, zero)
  }

  #endOfName(end: number): number {
    const zero = this.#bytes.indexOf(0, this.at)
    if (zero < 0 || zero >= end) throw new Error('a name does not end')
    return zero
  }

  #text(start: number, end: number): string {
    const text = this.#bytes.toString('utf8', start, end)
    if (text.includes('\uFFFD') && !isUtf8(this.#bytes.subarray(start, end))) throw new Error('a string is not UTF-8')
    return text
  }

  #int32(): number {
    return this.#bytes.readInt32LE(this.#step(4))
  }

  #take(length: number): Buffer {
    const start = this.#step(length)
    return this.#bytes.subarray(start, start + length)
  }

  /** Where the next bytes lie, which are known to be there. */
  #step(length: number): number {
    const start = this.at
    if (length > this.#bytes.length - start) throw new Error('it ends within a value')
    this.at += length
    return start
  }
}

const plain = { enumerable: true, configurable: true, writable: true }

/** Milliseconds since 1970, UTC; those that no `Date` can hold stay a number. */
function dateOf(milliseconds: bigint): unknown {
  const date = new Date(Number(milliseconds))
  return Number.isNaN(date.getTime()) ? toLong(milliseconds) : date
}
