import { ByteReader } from './byte-reader.ts'
import { Damage } from './damage.ts'

const BLOCK = 512
/** Names and attributes that do not fit into a header; real ones take some hundred bytes. */
const MOST_ATTRIBUTES = 1024 * 1024

/** A file in a tar archive. */
export interface TarEntry {
  readonly name: string
  readonly changedAt: Date | undefined
  /** To be read before the next entry is asked for; what is not read is passed over. Throws `Damage` if it is cut short. */
  readonly content: AsyncIterable<Buffer>
}

/** The files of a tar archive, one after another. Throws `Damage` with the place in the archive. */
export async function* entriesOf(blocks: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  // Loaded here, since it takes long and few read archives.
  const { Header, Pax } = await import('tar')
  const reader = new ByteReader(blocks)
  let own: InstanceType<typeof Pax> | undefined
  let global: InstanceType<typeof Pax> | undefined
  let longName: string | undefined
  try {
    while (!(await reader.isAtEnd())) {
      const at = reader.offset
      const header = headerOf(await reader.take(BLOCK), at, (block) => new Header(block, 0, own, global))
      if (header === undefined) break
      const { type, size = 0 } = header
      if (type === 'ExtendedHeader' || type === 'OldExtendedHeader')
        own = Pax.parse(await attributes(reader, size), own)
      else if (type === 'GlobalExtendedHeader') global = Pax.parse(await attributes(reader, size), global, true)
      else if (type === 'NextFileHasLongPath') longName = (await attributes(reader, size)).replace(/\0.*$/s, '')
      else {
        const end = reader.offset + size
        const content = contentOf(reader, size)
        // The library puts the prefix of the short name before a name from the attributes.
        const name = own?.path ?? longName ?? header.path ?? ''
        own = longName = undefined
        if (isFile(type)) yield { name, changedAt: header.mtime, content }
        for await (const _ of contentOf(reader, end - reader.offset));
      }
      await reader.take(padding(size))
    }
    // What packs it may still find that its checksum is wrong.
    for await (const _ of reader.pieces(Number.POSITIVE_INFINITY));
  } finally {
    await reader.close()
  }
}

function isFile(type: string): boolean {
  return type === 'File' || type === 'OldFile' || type === 'ContiguousFile'
}

/** Undefined: the block of zeros that ends an archive. */
function headerOf<H extends { cksumValid: boolean }>(
  block: Buffer,
  at: number,
  read: (block: Buffer) => H
): H | undefined {
  if (block.every((byte) => byte === 0)) return undefined
  if (block.length < BLOCK) throw new Damage('it ends within the header of a file', at)
  const header = read(block)
  if (!header.cksumValid) throw new Damage('the header of a file has a wrong checksum', at)
  return header
}

async function attributes(reader: ByteReader, size: number): Promise<string> {
  if (size > MOST_ATTRIBUTES) throw new Damage(`attributes of ${size} bytes`, reader.offset)
  const bytes = await reader.take(size)
  if (bytes.length < size) throw new Damage('it ends within the attributes of a file', reader.offset)
  return bytes.toString()
}

async function* contentOf(reader: ByteReader, size: number): AsyncGenerator<Buffer> {
  const end = reader.offset + size
  yield* reader.pieces(size)
  if (reader.offset < end)
    throw new Damage(`it ends ${end - reader.offset} bytes before the end of a file`, reader.offset)
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK
}
