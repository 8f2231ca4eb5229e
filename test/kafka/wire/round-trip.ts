import type { ProduceOptions } from '../../../src/kafka/wire/produce-request.ts'
import type { ProducerMessage } from '../../../src/kafka/wire/record.ts'
import type { DecodedRecord } from '../../../src/kafka/wire/record-decoder.ts'
import { loadPart } from '../../../src/kafka/wire/replacement.ts'

interface Decoder {
  readonly buffer: Buffer
}
type DecodeMessages = (decoder: Decoder) => Promise<DecodedRecord[]>

/** The size and the bytes of a record set, as they stand in a produce request and in a fetch response alike. */
export async function encodeMessages(messages: readonly ProducerMessage[], compression: number): Promise<Buffer> {
  const request = loadPart('protocol/requests/produce/v3/request.js') as (options: ProduceOptions) => {
    encode(): Promise<{ buffer: Buffer }>
  }
  const topicData = [{ topic: '', partitions: [{ partition: 0, messages }] }]
  const { buffer } = await request({ acks: -1, timeout: 1, compression, topicData }).encode()
  return buffer.subarray(2 + 2 + 4 + 4 + 2 + 4 + 4)
}

export async function readMessages(
  records: Buffer,
  decodeMessages = loadPart('protocol/requests/fetch/v4/decodeMessages.js') as DecodeMessages
): Promise<DecodedRecord[]> {
  const Decoder = loadPart('protocol/decoder.js') as new (bytes: Buffer) => Decoder
  return decodeMessages(new Decoder(records))
}
