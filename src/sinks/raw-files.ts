import { isUtf8 } from 'node:buffer'
import { posix } from 'node:path'
import { fileName, fillTemplate } from '../archive/file-names.ts'
import type { Content } from '../archive/message-line.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import type { Source } from '../contract/sink.ts'
import { type OpenedPath, openPaths, type StoreSetup } from '../store/open.ts'
import { forEachAtOnce, type WholeFile } from '../store/store.ts'

/** Files that are written at the same time. */
const AT_ONCE = 8
/** Bytes: of a name in a bucket, and of one part in a file system. */
const MOST = 1024
const MOST_OF_PART = 255

/** FORMAT raw: a file a message, in a folder or a bucket. A name that is there is replaced. */
export class RawFiles {
  readonly #opened: OpenedPath
  /** How many messages one source message was made into so far: they need names of their own. */
  readonly #made = new WeakMap<object, number>()

  constructor(path: string, setup: StoreSetup) {
    this.#opened = openPaths([path.replace(/\.ndjson$/, '')], setup)[0]!
  }

  connect(signal: AbortSignal): Promise<void> {
    return this.#opened.store.connect(signal)
  }

  /** Where a message goes, and the name there. Throws `SINK_REJECTED`. */
  place(topic: string, content: Content, source: Source): { readonly target: string; readonly name: string } {
    const { store, template } = this.#opened
    const isNamedByKey = template.includes('{key}')
    if (source.failure && (isNamedByKey || store.place.startsWith('gs://'))) {
      throw rejected(
        'files named by {key} and those in buckets are no dead letters. Name a FileSink with FORMAT: messages.'
      )
    }
    const key = isNamedByKey ? keyText(content.key) : ''
    const filled = fillTemplate(template, { topic, stream: source.stream, key })
    const name = isNamedByKey ? filled : posix.join(filled, this.#nameIn(topic, content, source))
    if (isTooLong(name)) throw rejected(`its file would have too long a name: ${name.slice(0, 80)}...`)
    return { target: `${store.place}/${posix.dirname(name)}`, name }
  }

  /** Resolves when all are safe; of those with one name the last. */
  async write(files: readonly WholeFile[], signal: AbortSignal): Promise<void> {
    const last = new Map(files.map((file) => [file.name, file]))
    await forEachAtOnce([...last.values()], AT_ONCE, async (file) => {
      await this.#opened.store.put(file, { onlyIfAbsent: false }, signal)
    })
  }

  /**
   * The same for the same message on every redelivery, so that a file is replaced and not doubled; what the folder
   * does not say stands in it, so that no other message has it.
   */
  #nameIn(topic: string, { bytes }: Content, { message, stream, failure }: Source): string {
    const { template } = this.#opened
    const extension = failure ? '.ndjson' : extensionOf(bytes ?? new Uint8Array())
    const count = this.#made.get(message) ?? 0
    this.#made.set(message, count + 1)
    const id = message.id.startsWith(`${topic}/`) ? message.id.slice(topic.length + 1) : message.id
    const parts = [id.endsWith(extension) ? id.slice(0, -extension.length) : id]
    if (!template.includes('{topic}')) parts.unshift(topic)
    if (!template.includes('{stream}')) parts.unshift(stream)
    if (count > 0) parts.push(String(count))
    return `${fileName(parts.join('/'))}${extension}`
  }
}

function isTooLong(name: string): boolean {
  return Buffer.byteLength(name) > MOST || name.split('/').some((part) => Buffer.byteLength(part) > MOST_OF_PART)
}

/** The extension that goes with the first bytes. */
function extensionOf(bytes: Uint8Array): '.avro' | '.json' | '.xml' | '.png' | '.bin' {
  if (bytes[0] === 0x4f && bytes[1] === 0x62 && bytes[2] === 0x6a && bytes[3] === 1) return '.avro'
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 64)).toString('latin1').trimStart()
  if (start.startsWith('\x89PNG')) return '.png'
  if (/^[{[]/.test(start)) return '.json'
  return start.startsWith('<') ? '.xml' : '.bin'
}

function keyText(key: Uint8Array | null): string {
  if (key === null || key.length === 0) throw rejected('it has no key, and PATH has {key} in it')
  return isUtf8(key) ? Buffer.from(key).toString() : Buffer.from(key).toString('hex')
}

function rejected(reason: string): AlertStreamsError {
  return new AlertStreamsError('SINK_REJECTED', reason)
}
