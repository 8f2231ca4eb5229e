import { createGunzip } from 'node:zlib'
import { reasonOf } from '../contract/errors.ts'
import { Damage } from './damage.ts'

/** What is unpacked at once: deflate makes at most a thousand times as much of it. */
const SLICE = 16 * 1024

/**
 * What gzip has packed, one or several members behind each other, as it is read. Where it is damaged or cut short, all
 * that could be unpacked comes first; then it throws `Damage` with the place in what is packed.
 */
export async function* gunzipped(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip()
  const unpacked: Buffer[] = []
  let failure: unknown
  gunzip.on('data', (piece: Buffer) => unpacked.push(piece))
  gunzip.on('error', (error) => {
    failure = error
  })
  // After an error nobody answers what was written.
  const closed = new Promise<void>((resolve) => gunzip.once('close', resolve))
  function* ready() {
    yield* unpacked.splice(0)
    if (failure) throw new Damage(reasonOf(failure), gunzip.bytesWritten, failure)
  }
  try {
    for await (const block of blocks) {
      for (let start = 0; start < block.length; start += SLICE) {
        const piece = block.subarray(start, start + SLICE)
        await Promise.race([new Promise((resolve) => gunzip.write(piece, resolve)), closed])
        yield* ready()
      }
    }
    if (gunzip.bytesWritten === 0) throw new Damage('it is empty', 0)
    gunzip.end()
    await closed
    yield* ready()
  } finally {
    gunzip.destroy()
  }
}
