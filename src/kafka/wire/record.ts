import { type ByteWriter, sizeOfVarint, sizeOfVarintBytes } from './byte-writer.ts'

type Bytes = string | Uint8Array | null

/** A message as `producer.send` takes it, and besides: headers as ordered pairs, and null as a header's value. */
export interface ProducerMessage {
  readonly key?: Bytes
  readonly value: Bytes
  /** Milliseconds since 1970, UTC. */
  readonly timestamp?: string | number
  readonly headers?: readonly (readonly [string, Bytes])[] | Readonly<Record<string, Bytes | readonly Bytes[]>>
}

/** A record with its parts as bytes and its length known. */
export interface SizedRecord {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly (readonly [name: Uint8Array, value: Uint8Array | null])[]
  readonly timestampDelta: number
  readonly offsetDelta: number
  /** Bytes behind the length prefix. */
  readonly bodySize: number
}

export function sizeRecord(message: ProducerMessage, offsetDelta: number, timestampDelta: number): SizedRecord {
  const key = bytesOf(message.key)
  const value = bytesOf(message.value)
  const headers = headerPairs(message.headers)
  let bodySize = 1 + sizeOfVarint(timestampDelta) + sizeOfVarint(offsetDelta) + sizeOfVarint(headers.length)
  bodySize += sizeOfVarintBytes(key) + sizeOfVarintBytes(value)
  for (const [name, content] of headers) bodySize += sizeOfVarintBytes(name) + sizeOfVarintBytes(content)
  return { key, value, headers, timestampDelta, offsetDelta, bodySize }
}

export function writeRecord(to: ByteWriter, record: SizedRecord): void {
  to.varint(record.bodySize)
  to.int8(0) // attributes: none are defined
  to.varint(record.timestampDelta)
  to.varint(record.offsetDelta)
  to.varintBytes(record.key)
  to.varintBytes(record.value)
  to.varint(record.headers.length)
  for (const [name, content] of record.headers) {
    to.varintBytes(name)
    to.varintBytes(content)
  }
}

const noHeaders: SizedRecord['headers'] = []

function headerPairs(headers: ProducerMessage['headers']): SizedRecord['headers'] {
  if (headers === undefined || headers === null) return noHeaders
  if (isPairs(headers)) return headers.map(([name, value]) => [Buffer.from(name), bytesOf(value)])
  return Object.entries(headers).flatMap(([name, value]) =>
    (isList(value) ? value : [value]).map((one) => [Buffer.from(name), bytesOf(one)] as const)
  )
}

function isPairs(headers: NonNullable<ProducerMessage['headers']>): headers is readonly (readonly [string, Bytes])[] {
  return Array.isArray(headers)
}

function isList(value: Bytes | readonly Bytes[]): value is readonly Bytes[] {
  return Array.isArray(value)
}

function bytesOf(value: Bytes | undefined): Uint8Array | null {
  if (value === null || value === undefined) return null
  return value instanceof Uint8Array ? value : Buffer.from(String(value))
}
