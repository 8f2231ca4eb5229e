import type { Headers } from '../../contract/alert.ts'
import type { Replacement } from './replacement.ts'

/** What kafkajs knows of the batch around a record; 64-bit numbers as digits. */
export interface BatchContext {
  readonly firstOffset: string
  readonly firstTimestamp: string
  readonly maxTimestamp: string
  readonly magicByte: number
  readonly isControlBatch: boolean
  /** 1: the broker's time of appending holds for every record. */
  readonly timestampType: number
}

/** A record as consumers get it. Key, value and header values are views of the fetched bytes. */
export interface DecodedRecord {
  readonly magicByte: number
  readonly attributes: number
  readonly timestamp: string
  readonly offset: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Headers
  readonly isControlRecord: boolean
  readonly batchContext: BatchContext
}

const LOG_APPEND_TIME = 1

/** Records whose headers are ordered pairs. kafkajs makes them an object, which loses order and interleaved repeats. */
export const recordDecoder: Replacement = {
  what: 'ordered headers of what is read',
  file: 'protocol/recordBatch/record/v0/decoder.js',
  sha256: '86d740054c8be29b02873bf2871eb43ba5004af94324610541dbab2d9fabcc65',
  heldBy: ['protocol/recordBatch/v0/decoder.js'],
  make: () => (decoder: { readonly buffer: Buffer }, context: BatchContext) => decodeRecord(decoder.buffer, context)
}

function decodeRecord(bytes: Buffer, context: BatchContext): DecodedRecord {
  const reader = new RecordReader(bytes)
  const attributes = reader.int8()
  const timestampDelta = reader.varint()
  const offsetDelta = reader.varint()
  const key = reader.varintBytes()
  const value = reader.varintBytes()
  const headers: (readonly [string, Buffer | null])[] = []
  for (let left = reader.varint(); left > 0; left--) {
    headers.push([reader.varintString(), reader.varintBytes()])
  }
  const appended = context.timestampType === LOG_APPEND_TIME
  return {
    magicByte: context.magicByte,
    attributes,
    timestamp: appended ? context.maxTimestamp : sum(context.firstTimestamp, timestampDelta),
    offset: sum(context.firstOffset, offsetDelta),
    key,
    value,
    headers,
    isControlRecord: context.isControlBatch,
    batchContext: context
  }
}

function sum(digits: string, delta: number): string {
  const total = Number(digits) + delta
  return Number.isSafeInteger(total) ? String(total) : String(BigInt(digits) + BigInt(delta))
}

class RecordReader {
  readonly #bytes: Buffer
  #offset = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  int8(): number {
    return this.#bytes.readInt8(this.#offset++)
  }

  /** Zigzag and base 128; exact for safe integers. */
  varint(): number {
    let result = 0
    let scale = 1
    for (;;) {
      const byte = this.#bytes.readUInt8(this.#offset++)
      result += (byte & 127) * scale
      if (byte < 128) return result % 2 === 0 ? result / 2 : -(result + 1) / 2
      scale *= 128
    }
  }

  varintBytes(): Buffer | null {
    const length = this.varint()
    return length < 0 ? null : this.#bytes.subarray(this.#pass(length), this.#offset)
  }

  varintString(): string {
    const length = this.varint()
    return length < 0 ? '' : this.#bytes.toString('utf8', this.#pass(length), this.#offset)
  }

  /** Steps over bytes and answers where they begin. */
  #pass(length: number): number {
    const start = this.#offset
    this.#offset += length
    if (this.#offset > this.#bytes.length) throw new RangeError('A Kafka record is cut off')
    return start
  }
}
