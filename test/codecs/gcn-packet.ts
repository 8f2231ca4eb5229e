/** A packet of the classic binary form; words that are not given are 0. */
export function packetOf(words: readonly number[]): Buffer {
  const packet = Buffer.alloc(160)
  for (const [index, word] of words.entries()) packet.writeInt32BE(word, index * 4)
  return packet
}
