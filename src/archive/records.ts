import { isAvroContainer } from '../codecs/avro/container.ts'
import { AvroCursor } from '../codecs/avro/cursor.ts'
import { reasonOf } from '../contract/errors.ts'
import type { ByteReader } from './byte-reader.ts'
import { type ContainerBlock, type ContainerHeader, readHeader, singly, SYNC } from './containers.ts'
import { Damage, MOST_BYTES } from './damage.ts'

/** A header is looked for in so many bytes first, and at most. */
const FIRST_LOOK = 16 * 1024
const LAST_LOOK = 4 * 1024 * 1024
/** Bytes of two numbers before a block. */
const MOST_NUMBERS = 20

/** What one file holds: a message each. */
export interface Piece {
  readonly bytes: Buffer
  /** What is wrong with it; nobody can decode it then. */
  readonly damage?: Damage
}

/** The whole as one piece, or the records of an Avro container one by one. Throws `Damage` where it is far too large. */
export async function* piecesOf(reader: ByteReader, apart: boolean): AsyncGenerator<Piece> {
  const header = apart ? await headerOf(reader) : undefined
  if (header === undefined) return yield { bytes: await wholeOf(reader) }
  await reader.take(header.bytes.length)
  while (!(await reader.isAtEnd())) {
    const at = reader.offset
    const block = await blockOf(reader, header)
    if (block instanceof Damage) yield { bytes: await passedOver(reader, header, at), damage: block }
    else for (const bytes of singly(header, block)) yield { bytes }
  }
}

/** Undefined: it is no container, or its header cannot be read. */
async function headerOf(reader: ByteReader): Promise<ContainerHeader | undefined> {
  if (!isAvroContainer(await reader.peek(4))) return undefined
  for (let look = FIRST_LOOK; look <= LAST_LOOK; look *= 4) {
    const bytes = await reader.peek(look)
    try {
      return readHeader(Buffer.from(bytes))
    } catch {
      if (bytes.length < look) return undefined
    }
  }
  return undefined
}

async function wholeOf(reader: ByteReader): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of reader.pieces(Number.POSITIVE_INFINITY)) {
    pieces.push(piece)
    if (reader.offset > MOST_BYTES) throw new Damage(`more than ${MOST_BYTES} bytes, too large for one message`, 0)
  }
  return Buffer.concat(pieces)
}

/** Taken, if it is whole; else it stays, and what is wrong is given. */
async function blockOf(reader: ByteReader, { sync }: ContainerHeader): Promise<ContainerBlock | Damage> {
  try {
    const cursor = new AvroCursor(await reader.peek(MOST_NUMBERS))
    const [records, size] = [cursor.long(), cursor.long()]
    if (typeof records === 'bigint' || records < 0) throw new Error(`a block of ${records} records`)
    if (typeof size === 'bigint' || size < 0 || size > MOST_BYTES) throw new Error(`a block of ${size} bytes`)
    const start = cursor.position
    const bytes = await reader.peek(start + size + SYNC)
    if (bytes.length < start + size + SYNC) throw new Error('it ends within a block')
    if (!bytes.subarray(start + size).equals(sync)) throw new Error('a block does not end with the sync marker')
    await reader.take(bytes.length)
    return { records, packed: bytes.subarray(start, start + size), bytes }
  } catch (error) {
    return new Damage(reasonOf(error), reader.offset)
  }
}

/** Goes on behind the next marker; gives what lies before it, as a container. */
async function passedOver(reader: ByteReader, { bytes, sync }: ContainerHeader, at: number): Promise<Buffer> {
  for (let look = FIRST_LOOK; look <= MOST_BYTES; look *= 4) {
    const ahead = await reader.peek(look)
    const found = ahead.indexOf(sync)
    if (found >= 0) return Buffer.concat([bytes, await reader.take(found + SYNC)])
    if (ahead.length < look) return Buffer.concat([bytes, await reader.take(ahead.length)])
  }
  throw new Damage('no block begins where one should', at)
}
