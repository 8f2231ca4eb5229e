import { gunzipSync, inflateSync } from 'node:zlib'
import { reasonOf } from '../contract/errors.ts'
import type { Limits } from './limits.ts'

/** The first bytes are those of gzip, or of zlib with the window that every program writes. */
export function isWrapped(bytes: Uint8Array): boolean {
  return isGzip(bytes) || isZlib(bytes)
}

/** What lies in a gzip or zlib wrapper; other bytes as they are. Throws beyond `limits.bytes`, and where it is damaged. */
export function unwrap(bytes: Uint8Array, limits: Pick<Limits, 'bytes'>): Uint8Array {
  if (isGzip(bytes)) return inflated(() => gunzipSync(bytes, { maxOutputLength: limits.bytes }), limits.bytes)
  return isZlib(bytes) ? inflate(bytes, limits) : bytes
}

/** What lies in a zlib wrapper. Throws beyond `limits.bytes`, and where it is none. */
export function inflate(bytes: Uint8Array, limits: Pick<Limits, 'bytes'>): Uint8Array {
  return inflated(() => inflateSync(bytes, { maxOutputLength: limits.bytes }), limits.bytes)
}

function inflated(inflate: () => Uint8Array, most: number): Uint8Array {
  try {
    return inflate()
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    const reason = tooLarge ? `it unfolds to more than ${most} bytes (MAX_BYTES)` : reasonOf(error)
    throw new Error(`what is compressed can't be read: ${reason}`, { cause: error })
  }
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 0x08
}

/** Its first two bytes are a multiple of 31. */
function isZlib(bytes: Uint8Array): boolean {
  return bytes[0] === 0x78 && bytes.length > 2 && (0x7800 + bytes[1]!) % 31 === 0
}
