import type { Message } from '../contract/alert.ts'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import { type ArchiveReading, type Content, messagesOf } from './content.ts'
import { Damage } from './damage.ts'
import type { ArchiveFile } from './files.ts'
import { gunzipped } from './gunzip.ts'
import { formOf } from './names.ts'
import { entriesOf, type TarEntry } from './tar.ts'

/**
 * The messages of a file in order. What nobody can read becomes an alert that nobody can decode, and not a gap; but where
 * the bytes themselves cannot be had, what comes before is given, and `damaged` is told. Throws only what ends the stream,
 * and the signal's reason.
 */
export async function* messagesIn(file: ArchiveFile, reading: ArchiveReading): AsyncGenerator<Message> {
  const { signal } = reading
  let read = 0
  async function* blocks() {
    for await (const block of file.open(signal)) {
      signal.throwIfAborted()
      read += block.length
      yield block
    }
  }
  try {
    const { packed, holds } = file.form
    const unpacked = packed ? gunzipped(blocks()) : blocks()
    if (holds === 'files') yield* messagesInTar(file, unpacked, reading)
    else yield* messagesOf(file, unpacked, reading)
  } catch (error) {
    if (signal.aborted || error instanceof AlertStreamsError) throw error
    reading.damaged(damageOf(file.name, error, read))
  }
}

async function* messagesInTar(
  archive: Content,
  blocks: AsyncIterable<Buffer>,
  reading: ArchiveReading
): AsyncGenerator<Message> {
  for await (const entry of entriesOf(blocks)) {
    const file = contentOf(archive, entry)
    if (file === undefined) continue
    if (file.form.holds === 'files') {
      reading.log.warn(`${file.name} is passed over: an archive within an archive`)
      continue
    }
    if (!file.form.packed) {
      yield* messagesOf(file, entry.content, reading)
      continue
    }
    // One that is damaged by itself leaves those behind it readable.
    const packed = new Source(entry.content)
    try {
      yield* messagesOf(file, gunzipped(packed.blocks()), reading)
    } catch (error) {
      if (packed.failed || !(error instanceof Damage)) throw error
      reading.damaged(damageOf(file.name, error, 0))
    }
  }
}

/** Undefined: nothing that we know. The archive counts as a folder. */
function contentOf(archive: Content, { name, changedAt = archive.changedAt }: TarEntry): Content | undefined {
  const form = formOf(name)
  const within = name.replace(/^(\.?\/)+/, '')
  if (form === undefined || within.split('/').at(-1)!.startsWith('.')) return undefined
  const folder = archive.place.replace(/\.(tar(\.gz)?|tgz)$/i, '')
  return { name: `${archive.name}/${within}`, place: `${folder}/${within}`, form, changedAt }
}

/** Remembers whether it was the source that threw. */
class Source {
  failed = false
  readonly #blocks: AsyncIterable<Buffer>

  constructor(blocks: AsyncIterable<Buffer>) {
    this.#blocks = blocks
  }

  async *blocks(): AsyncGenerator<Buffer> {
    try {
      yield* this.#blocks
    } catch (error) {
      this.failed = true
      throw error
    }
  }
}

function damageOf(name: string, error: unknown, read: number): string {
  return `${name} cannot be read from byte ${error instanceof Damage ? error.offset : read} on: ${reasonOf(error)}`
}
