import type { Headers } from '../../contract/alert.ts'
import { type BsonDocument, readBson } from '../bson/reader.ts'
import { writeBson } from '../bson/writer.ts'
import { usualLimits } from '../limits.ts'

/** A message as it lies at the service. */
export interface StoredMessage {
  readonly bytes: Uint8Array
  readonly headers: Headers
  readonly key: Uint8Array | null
  /** Milliseconds since 1970, UTC. */
  readonly timestamp: number | undefined
}

/** The document of an upload: a message before it has a timestamp. */
export function writeUpload({ bytes, headers, key }: Omit<StoredMessage, 'timestamp'>): Uint8Array {
  return writeBson({ message: bytes, headers, ...(key !== null && { key }) })
}

/** A stored message, as a service hands it out (with `metadata`) or as it was uploaded. Throws where it is neither. */
export function readStored(document: Uint8Array): StoredMessage {
  const read = readBson(document, usualLimits)
  const { message, metadata = read } = read
  if (!(message instanceof Uint8Array)) throw new Error('it has no message')
  if (!isDocument(metadata)) throw new Error('its metadata are no document')
  const { headers = [], key, timestamp } = metadata
  if (!Array.isArray(headers)) throw new Error('its headers are no list')
  return {
    bytes: message,
    headers: headers.map(headerOf),
    key: key === undefined || key === null ? null : bytesOf(key),
    timestamp: typeof timestamp === 'number' ? timestamp : undefined
  }
}

function headerOf(header: unknown): Headers[number] {
  if (!Array.isArray(header) || typeof header[0] !== 'string') throw new Error('a header is not a name and a value')
  const value: unknown = header[1]
  return [header[0], value === null ? null : bytesOf(value)]
}

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string') return Buffer.from(value)
  throw new Error('a key or a header is neither bytes nor text')
}

function isDocument(value: unknown): value is BsonDocument {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}
