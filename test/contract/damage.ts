/** At most so many damaged copies are made of one message. */
const COPIES = 500

/** The bytes cut off at every length, or at evenly spread ones where there are many; what is cut off stays in memory. */
export function* truncations(bytes: Uint8Array): Generator<Uint8Array> {
  const step = Math.max(1, Math.ceil(bytes.length / COPIES))
  for (let length = 0; length < bytes.length; length += step) yield bytes.subarray(0, length)
}

/** Copies with one bit flipped, spread evenly; the bit depends on the place, so that every run flips the same ones. */
export function* bitFlips(bytes: Uint8Array): Generator<Uint8Array> {
  const step = Math.max(1, Math.ceil((bytes.length * 8) / COPIES))
  for (let bit = 0; bit < bytes.length * 8; bit += step) {
    const copy = new Uint8Array(bytes)
    copy[bit >> 3]! ^= 1 << (bit & 7)
    yield copy
  }
}
