import { isAvroContainer } from '../../src/codecs/avro/container.ts'
import { isBson } from '../../src/codecs/bson/reader.ts'
import { isWrapped, unwrap } from '../../src/codecs/unwrap.ts'
import type { Message } from '../../src/contract/alert.ts'

const SYNC = 16

/** How many bytes stand before the first that belongs to a value. */
export function headerLength(bytes: Uint8Array): number {
  const whole = Buffer.from(bytes)
  // The marker at the end is that of the header.
  if (isAvroContainer(bytes)) return whole.indexOf(whole.subarray(-SYNC)) + SYNC
  if (bytes[0] === 0x3c) return whole.indexOf('>') + 1
  if (bytes[0] === 0x7b || bytes[0] === 0x5b) return 1
  return isBson(bytes) ? 4 : 5
}

/** Whether a decoder of the seed's format comes to the values of a damaged copy: all that stands before them is whole. */
export function isPastHeader(seed: Message, damaged: Message): boolean {
  if (!isSame(seed.key, damaged.key) || seed.headers !== damaged.headers) return false
  const [before, after] = [contentOf(seed), contentOf(damaged)]
  if (before === undefined || after === undefined) return false
  const length = headerLength(before)
  // Of BSON, the header is its length.
  if (isBson(before)) return isBson(after)
  return after.length > length && isSame(before.subarray(0, length), after.subarray(0, length))
}

/** What is compressed as a whole, else the bytes themselves; undefined where it cannot be unpacked. */
function contentOf({ bytes }: Message): Uint8Array | undefined {
  try {
    return bytes === null ? undefined : isWrapped(bytes) ? unwrap(bytes, { bytes: 2 ** 24 }) : bytes
  } catch {
    return undefined
  }
}

function isSame(one: Uint8Array | null, other: Uint8Array | null): boolean {
  return one === null || other === null ? one === other : Buffer.compare(one, other) === 0
}
