import { mkdir } from 'node:fs/promises'
import { dirname, extname, resolve } from 'node:path'
import { deadLettersIn } from '../archive/dead-letters.ts'
import { fileName, fillTemplate, unknownPlaceholder } from '../archive/file-names.ts'
import type { DeadLetter } from '../contract/dead-letter.ts'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import { bytes, choice, type Field, type OptionsOf, path } from '../contract/options.ts'
import type { Outgoing, Placed, Rejection, Sink, SinkSetup, Source } from '../contract/sink.ts'
import { contentOf, rendererOf } from './file-content.ts'
import { findLetterFiles } from './file-letters.ts'
import { LineFiles } from './line-files.ts'
import { rotateField } from './rotation.ts'
import { extensionOf, type WholeFile, writeWholeFiles } from './whole-files.ts'

const pathField: Field<string> = {
  ...path(
    'The file, with {topic} and {stream} filled in; a path that ends in / is a folder with {topic}.ndjson in it. With FORMAT raw: the folder.',
    { required: true }
  ),
  read(value) {
    if (typeof value !== 'string' || value === '') return { problem: 'expected a path' }
    const unknown = unknownPlaceholder(value)
    if (unknown !== undefined) return { problem: `${unknown} stands for nothing here; {topic} and {stream} do` }
    return { value: value.endsWith('/') ? `${value}{topic}.ndjson` : value }
  }
}

const fields = {
  PATH: pathField,
  FORMAT: choice(
    'messages: all of a message in a line; payload: the decoded payload as JSON, a line each; raw: the bytes, a file each.',
    ['messages', 'payload', 'raw'],
    { fallback: 'messages' }
  ),
  ROTATE_BYTES: bytes('Start a new file before this one grows beyond so many bytes.'),
  ROTATE: rotateField
}

interface FilePlaced extends Placed {
  /** FORMAT raw: its name in the folder that is its target. */
  readonly name: string | undefined
  /** What goes into the file. */
  readonly render: () => Uint8Array | Promise<Uint8Array>
}

/**
 * Writes files, a line or a file a message. What `write` has resolved is synced to disk. Topics with files of their
 * own are written beside each other.
 */
export class FileSink implements Sink<FilePlaced> {
  static readonly doc = 'Writes files: newline-delimited JSON, or the bytes of each message as a file.'
  static readonly fields = fields

  readonly #options: OptionsOf<typeof fields>
  readonly #setup: SinkSetup
  readonly #files: LineFiles
  readonly #template: string
  /** How many messages one source message was made into so far: they need names of their own. */
  readonly #made = new WeakMap<object, number>()

  get readsPayload(): boolean {
    return this.#options.FORMAT === 'payload'
  }

  constructor(options: OptionsOf<typeof fields>, setup: SinkSetup) {
    this.#options = options
    this.#setup = setup
    this.#files = new LineFiles({ bytes: options.ROTATE_BYTES, every: options.ROTATE }, setup.log)
    this.#template = resolve(setup.baseDir, options.PATH)
  }

  /** Makes the folder, as far as its name is known before the first message. */
  async connect(): Promise<void> {
    const [fixed = ''] = this.#template.split('{')
    this.#setup.log.info(`writes to ${this.#template}`)
    await this.#attempt(fixed, () => mkdir(dirname(`${fixed}-`), { recursive: true }))
  }

  place(outgoing: Outgoing, source: Source): FilePlaced {
    const topic = outgoing.topic ?? source.message.topic
    const content = contentOf(outgoing, source)
    const length = content.bytes?.length ?? 0
    const placed = {
      bytes: Math.ceil((length * 4) / 3) + 256,
      extraBytes: content.bytes === source.message.bytes ? 0 : length,
      render: rendererOf(this.#options.FORMAT, content, outgoing, source)
    }
    const filled = fillTemplate(this.#template, { topic, stream: source.stream })
    if (this.#options.FORMAT !== 'raw') return { ...placed, target: this.#ofMember(filled), name: undefined }
    const extension = source.failure ? '.ndjson' : extensionOf(content.bytes ?? new Uint8Array())
    return {
      ...placed,
      target: filled.replace(/\.ndjson$/, ''),
      name: `${this.#stem(topic, extension, source)}${extension}`
    }
  }

  async write(batch: readonly FilePlaced[], signal: AbortSignal): Promise<readonly Rejection[]> {
    const rejections: Rejection[] = []
    const byTarget = new Map<string, WholeFile[]>()
    for (const [index, { target, name, render }] of batch.entries()) {
      try {
        const contents = await render()
        const files = byTarget.get(target) ?? []
        byTarget.set(target, files)
        files.push({ name: name ?? '', contents })
      } catch (error) {
        if (!(error instanceof AlertStreamsError)) throw error
        rejections.push({ index, code: error.code, reason: error.message })
      }
    }
    for (const [target, files] of byTarget) {
      signal.throwIfAborted()
      await this.#attempt(target, () => this.#store(target, files, signal))
    }
    return rejections
  }

  async *deadLetters(): AsyncGenerator<DeadLetter> {
    const files = await findLetterFiles(this.#template, this.#options.FORMAT === 'raw')
    yield* deadLettersIn(files, this.#setup.log)
  }

  close(): Promise<void> {
    return this.#files.close()
  }

  #store(target: string, files: readonly WholeFile[], signal: AbortSignal): Promise<void> {
    if (this.#options.FORMAT === 'raw') return writeWholeFiles(target, files, signal)
    return this.#files.append(target, Buffer.concat(files.map((file) => file.contents)))
  }

  /**
   * The same for the same message on every redelivery, so that a file is replaced and not doubled; what the folder
   * does not say stands in it, so that no other message has it.
   */
  #stem(topic: string, extension: string, { message, stream }: Source): string {
    const count = this.#made.get(message) ?? 0
    this.#made.set(message, count + 1)
    const id = message.id.startsWith(`${topic}/`) ? message.id.slice(topic.length + 1) : message.id
    const parts = [id.endsWith(extension) ? id.slice(0, -extension.length) : id]
    if (!this.#template.includes('{topic}')) parts.unshift(topic)
    if (!this.#template.includes('{stream}')) parts.unshift(stream)
    if (count > 0) parts.push(String(count))
    return fileName(parts.join('/'))
  }

  #ofMember(path: string): string {
    const { member } = this.#setup
    const extension = extname(path)
    return member === undefined ? path : `${path.slice(0, path.length - extension.length)}.${member}${extension}`
  }

  async #attempt(path: string, action: () => Promise<unknown>): Promise<void> {
    try {
      await action()
    } catch (error) {
      throw new AlertStreamsError('SINK_UNAVAILABLE', `${path} cannot be written: ${reasonOf(error)}`, {
        cause: error,
        remedy: remedyOf(error)
      })
    }
  }
}

function remedyOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') return 'Make room on the disk, or set ROTATE_BYTES.'
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'Give this user the right to write there.'
  return 'Check PATH of the sink and the disk behind it.'
}
