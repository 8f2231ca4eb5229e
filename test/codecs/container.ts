import { crc32, deflateRawSync, zstdCompressSync } from 'node:zlib'
import avsc from 'avsc'
import { compressSync } from 'snappy'
import type { Long } from '../../src/contract/alert.ts'

export const SYNC = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex')

/** A number as Avro writes int and long. */
export function zigZag(value: Long): Buffer {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  bytes.push(Number(rest))
  return Buffer.from(bytes)
}

export function lengthPrefixed(bytes: Uint8Array): Buffer {
  return Buffer.concat([zigZag(bytes.length), bytes])
}

interface Block {
  readonly records: number
  readonly bytes: Uint8Array
}

/** An object container put together by hand, so that every part of it can be wrong. */
export function containerOf(schema: unknown, blocks: readonly Block[], codec: string | undefined = 'null'): Buffer {
  const text = typeof schema === 'string' ? schema : JSON.stringify(schema)
  const entries = codec === undefined ? [['avro.schema', text]] : [['avro.codec', codec], ['avro.schema', text]] // biome-ignore format: one line
  const pairs = entries.map((pair) => Buffer.concat(pair.map((part) => lengthPrefixed(Buffer.from(part!)))))
  const parts = blocks.map(({ records, bytes }) => {
    return Buffer.concat([zigZag(records), lengthPrefixed(packed(bytes, codec)), SYNC])
  })
  return Buffer.concat([Buffer.from('Obj\x01'), zigZag(entries.length), ...pairs, zigZag(0), SYNC, ...parts])
}

function packed(bytes: Uint8Array, codec: string | undefined): Uint8Array {
  if (codec === 'deflate') return deflateRawSync(bytes)
  if (codec === 'zstandard') return zstdCompressSync(bytes)
  if (codec !== 'snappy') return bytes
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(bytes))
  return Buffer.concat([compressSync(Buffer.from(bytes)), sum])
}

/** A container of these records, encoded by avsc; values of unions are wrapped: `{ float: 1.5 }`. */
export function avscContainer(schema: unknown, records: readonly unknown[], codec?: string): Buffer {
  const type = avscType(schema)
  return containerOf(
    schema,
    [{ records: records.length, bytes: Buffer.concat(records.map((one) => type.toBuffer(one))) }],
    codec
  )
}

/** avsc's own type with longs as ours are. */
export function avscType(schema: unknown): avsc.Type {
  const long = avsc.types.LongType.__with({
    fromBuffer: (bytes: Buffer) => toLong(bytes.readBigInt64LE()),
    toBuffer(value: Long) {
      const bytes = Buffer.alloc(8)
      bytes.writeBigInt64LE(BigInt(value))
      return bytes
    },
    fromJSON: (value: Long) => value,
    toJSON: (value: Long) => String(value),
    isValid: (value: unknown) => typeof value === 'bigint' || Number.isSafeInteger(value),
    compare: (a: Long, b: Long) => (a === b ? 0 : a < b ? -1 : 1)
  })
  const typeHook = (part: unknown) =>
    part === 'long' || (part as { type?: unknown }).type === 'long' ? long : undefined
  return avsc.Type.forSchema(schema as avsc.Schema, { typeHook, wrapUnions: true })
}

function toLong(value: bigint): Long {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}
