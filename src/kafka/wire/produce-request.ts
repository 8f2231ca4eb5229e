import { ByteWriter, sizeOfString } from './byte-writer.ts'
import type { Checksum } from './crc32c.ts'
import type { ProducerMessage } from './record.ts'
import { BATCH_HEADER_SIZE, recordBytes, type SizedBatch, sizeBatch, writeBatch } from './record-batch.ts'
import { loadPart, type Replacement } from './replacement.ts'

/** What kafkajs makes a produce request from. */
export interface ProduceOptions {
  readonly acks: number
  /** Milliseconds. */
  readonly timeout: number
  readonly transactionalId?: string | null | undefined
  readonly producerId?: string | number | bigint | undefined
  readonly producerEpoch?: number | undefined
  readonly compression?: number | undefined
  readonly topicData: readonly TopicData[]
}

interface TopicData {
  readonly topic: string
  readonly partitions: readonly {
    readonly partition: number
    readonly firstSequence?: number
    readonly messages: readonly ProducerMessage[]
  }[]
}

/** A codec as kafkajs registers it; of kafkajs' encoder only `buffer` is used. */
export interface BatchCodec {
  compress(records: { readonly buffer: Buffer }): Promise<Buffer>
  decompress(bytes: Buffer): Promise<Buffer>
}

type LookupCodec = (compression: number) => BatchCodec | null

interface Part {
  readonly partition: number
  readonly firstSequence: number
  readonly batch: SizedBatch
  readonly packed: Uint8Array | undefined
  /** Bytes of the batch. */
  readonly size: number
}

const TRANSACTIONAL = 16

/**
 * Produce requests, versions 3 to 7: measured first, then written once into one buffer. kafkajs copies each byte about
 * ten times, and takes headers as an object only.
 */
export const produceRequest: Replacement = {
  what: 'one-copy produce requests with ordered headers',
  file: 'protocol/requests/produce/v3/request.js',
  sha256: '993a3db997827088f5acb08cacf3c67a99ec2886303ff465d244329b8a1c7f99',
  heldBy: [4, 5, 6, 7].map((version) => `protocol/requests/produce/v${version}/request.js`),
  make: () => {
    const checksum = loadPart('protocol/recordBatch/crc32C/index.js') as Checksum
    const { lookupCodec } = loadPart('protocol/message/compression/index.js') as { lookupCodec: LookupCodec }
    return (options: ProduceOptions) => ({
      apiKey: 0,
      apiVersion: 3,
      apiName: 'Produce',
      expectResponse: () => options.acks !== 0,
      encode: async () => {
        const buffer = await encodeBehind(0, options, checksum, lookupCodec)
        return { buf: buffer, buffer }
      },
      encodeBehind: (reserved: number) => encodeBehind(reserved, options, checksum, lookupCodec)
    })
  }
}

/** The request's body in a buffer whose first `reserved` bytes are left to the caller to fill. */
async function encodeBehind(reserved: number, options: ProduceOptions, checksum: Checksum, lookupCodec: LookupCodec) {
  const { acks, timeout, transactionalId = null, producerId = -1, producerEpoch = 0, compression = 0 } = options
  const codec = compression === 0 ? null : lookupCodec(compression)
  const topics: { topic: string; parts: Part[] }[] = []
  let size = reserved + sizeOfString(transactionalId) + 2 + 4 + 4
  for (const { topic, partitions } of options.topicData) {
    const parts: Part[] = []
    for (const { partition, firstSequence = 0, messages } of partitions) {
      const batch = sizeBatch(messages, Date.now())
      const packed = codec === null ? undefined : await codec.compress({ buffer: recordBytes(batch) })
      parts.push({
        partition,
        firstSequence,
        batch,
        packed,
        size: BATCH_HEADER_SIZE + (packed?.length ?? batch.recordsSize)
      })
    }
    size += sizeOfString(topic) + 4
    for (const part of parts) size += 4 + 4 + part.size
    topics.push({ topic, parts })
  }

  const to = new ByteWriter(Buffer.allocUnsafe(size), reserved)
  const producer = {
    attributes: compression | (transactionalId ? TRANSACTIONAL : 0),
    producerId: BigInt(producerId),
    producerEpoch
  }
  to.string(transactionalId)
  to.int16(acks)
  to.int32(timeout)
  to.int32(topics.length)
  for (const { topic, parts } of topics) {
    to.string(topic)
    to.int32(parts.length)
    for (const { partition, size, batch, packed, firstSequence } of parts) {
      to.int32(partition)
      to.int32(size)
      writeBatch(to, batch, packed, { ...producer, firstSequence }, checksum)
    }
  }
  // The memory was not cleared: bytes that nothing was written to would be sent.
  if (to.offset !== size) throw new Error(`A produce request of ${size} bytes was filled to ${to.offset}`)
  return to.buffer
}
