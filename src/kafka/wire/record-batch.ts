import { ByteWriter, sizeOfVarint } from './byte-writer.ts'
import type { Checksum } from './crc32c.ts'
import { type ProducerMessage, type SizedRecord, sizeRecord, writeRecord } from './record.ts'

/** Messages of one partition, converted and measured. */
export interface SizedBatch {
  readonly records: readonly SizedRecord[]
  readonly recordsSize: number
  /** Milliseconds since 1970, UTC. */
  readonly firstTimestamp: number
  readonly maxTimestamp: number
}

export interface BatchFields {
  /** Compression in the lowest three bits, 16 for a transaction. */
  readonly attributes: number
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly firstSequence: number
}

/** Bytes of a batch before its records. */
export const BATCH_HEADER_SIZE = 61
/** Bytes before those that the length counts. */
const LENGTH_END = 12
/** Offset of the checksum, which covers everything behind it. */
const CHECKSUM_AT = 17
const MAGIC = 2

/** `now` stands in for missing timestamps; as in kafkajs it counts for the bounds only if all are missing. */
export function sizeBatch(messages: readonly ProducerMessage[], now: number): SizedBatch {
  let firstTimestamp = Number.POSITIVE_INFINITY
  let maxTimestamp = Number.NEGATIVE_INFINITY
  for (const { timestamp } of messages) {
    if (timestamp === undefined || timestamp === null) continue
    const time = Number(timestamp)
    if (time < firstTimestamp) firstTimestamp = time
    if (time > maxTimestamp) maxTimestamp = time
  }
  if (firstTimestamp === Number.POSITIVE_INFINITY) firstTimestamp = maxTimestamp = now
  let recordsSize = 0
  const records = messages.map((message, index) => {
    const record = sizeRecord(message, index, Number(message.timestamp ?? now) - firstTimestamp)
    recordsSize += sizeOfVarint(record.bodySize) + record.bodySize
    return record
  })
  return { records, recordsSize, firstTimestamp, maxTimestamp }
}

/** The records alone, as they are compressed. */
export function recordBytes(batch: SizedBatch): Buffer {
  const writer = new ByteWriter(Buffer.allocUnsafe(batch.recordsSize))
  for (const record of batch.records) writeRecord(writer, record)
  return writer.buffer
}

/** Writes a whole batch (message format 2); `packed` are its records in compressed form. */
export function writeBatch(
  to: ByteWriter,
  batch: SizedBatch,
  packed: Uint8Array | undefined,
  fields: BatchFields,
  checksum: Checksum
): void {
  const start = to.offset
  to.int64(0n) // the first offset, given by the broker
  to.int32(BATCH_HEADER_SIZE - LENGTH_END + (packed?.length ?? batch.recordsSize))
  to.int32(0) // the leader's epoch, given by the broker
  to.int8(MAGIC)
  to.int32(0) // the checksum, below
  to.int16(fields.attributes)
  to.int32(batch.records.length - 1)
  to.int64(BigInt(batch.firstTimestamp))
  to.int64(BigInt(batch.maxTimestamp))
  to.int64(fields.producerId)
  to.int16(fields.producerEpoch)
  to.int32(fields.firstSequence)
  to.int32(batch.records.length)
  if (packed !== undefined) to.bytes(packed)
  else for (const record of batch.records) writeRecord(to, record)
  const summed = to.buffer.subarray(start + CHECKSUM_AT + 4, to.offset)
  to.buffer.writeUInt32BE(checksum(summed), start + CHECKSUM_AT)
}
