import type { Codec } from '../contract/alert.ts'
import { notEncodable } from './failure.ts'

/** The payload is the message's bytes, shared with it; null for a tombstone. Writes bytes, and text as UTF-8. */
export const bytes: Codec = {
  name: 'bytes',
  decode: (message) => message.bytes,
  encode: (value) => ({ bytes: asBytes(value), headers: [] })
}

function asBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string') return Buffer.from(value)
  throw notEncodable(
    'bytes',
    `it is ${value === null ? 'null' : typeof value}`,
    'Return bytes or text, or set CODEC: json'
  )
}
