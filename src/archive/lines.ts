import { open } from 'node:fs/promises'
import { Damage } from './damage.ts'

const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d
const BLOCK = 256 * 1024

/** The lines of a file without their ends, empty ones too; reads ahead by a block, whatever the file's size. */
export async function* linesOf(path: string): AsyncGenerator<Buffer> {
  yield* linesIn(blocksOf(path))
}

/** A file's bytes in order. */
export async function* blocksOf(path: string): AsyncGenerator<Buffer> {
  const file = await open(path)
  try {
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(BLOCK))
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

/** The same of bytes that come in blocks. Throws `Damage` at a line of more than so many bytes. */
export async function* linesIn(blocks: AsyncIterable<Buffer>, most = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = []
  let length = 0
  let offset = 0
  for await (const block of blocks) {
    let start = 0
    for (let end = block.indexOf(NEWLINE); end >= 0; end = block.indexOf(NEWLINE, start)) {
      yield withoutReturn(joined([...pieces, block.subarray(start, end)]))
      pieces = []
      length = 0
      start = end + 1
    }
    if (start < block.length) pieces.push(block.subarray(start))
    length += block.length - start
    offset += block.length
    if (length > most) throw new Damage(`a line of more than ${most} bytes`, offset - length)
  }
  if (pieces.length > 0) yield withoutReturn(joined(pieces))
}

function joined(pieces: readonly Buffer[]): Buffer {
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line
}
