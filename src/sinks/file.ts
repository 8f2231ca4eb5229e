import { mkdir } from 'node:fs/promises'
import { dirname, extname, resolve } from 'node:path'
import { deadLettersIn } from '../archive/dead-letters.ts'
import { fillTemplate } from '../archive/file-names.ts'
import type { DeadLetter } from '../contract/dead-letter.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import type { Resource } from '../contract/resource.ts'
import type { Outgoing, Placed, Rejection, Sink, SinkNeedsSetup, SinkSetup, Source } from '../contract/sink.ts'
import { diskError } from '../store/disk-error.ts'
import { bucketsFor } from '../store/needs.ts'
import { pathForTestid } from '../store/open.ts'
import type { WholeFile } from '../store/store.ts'
import { contentOf, rendererOf } from './file-content.ts'
import { checkTogether, type FileOptions, fileFields } from './file-fields.ts'
import { findLetterFiles } from './file-letters.ts'
import { LineFiles } from './line-files.ts'
import { RawFiles } from './raw-files.ts'

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
  static readonly fields = fileFields

  static writes(options: FileOptions): undefined {
    checkTogether(options)
  }

  static needs(options: FileOptions, setup: SinkNeedsSetup): readonly Resource[] {
    return bucketsFor([options.PATH], options, setup)
  }

  readonly #options: FileOptions
  readonly #setup: SinkSetup
  readonly #files: LineFiles
  /** FORMAT raw. */
  readonly #raw: RawFiles | undefined
  readonly #template: string

  get readsPayload(): boolean {
    return this.#options.FORMAT === 'payload'
  }

  constructor(options: FileOptions, setup: SinkSetup) {
    this.#options = options
    this.#setup = setup
    this.#files = new LineFiles({ bytes: options.ROTATE_BYTES, every: options.ROTATE }, setup.log)
    const { FORMAT, KEY_FILE, TESTID } = options
    const PATH = pathForTestid(options.PATH, TESTID)
    this.#template = PATH.startsWith('gs://') ? PATH : resolve(setup.baseDir, PATH)
    const { baseDir, name } = setup
    this.#raw = FORMAT === 'raw' ? new RawFiles(PATH, { KEY_FILE, baseDir, name }) : undefined
  }

  /** Makes the folder, as far as its name is known before the first message. */
  async connect(signal: AbortSignal): Promise<void> {
    const [fixed = ''] = this.#template.split('{')
    this.#setup.log.info(`writes to ${this.#template}`)
    if (this.#raw) return this.#raw.connect(signal)
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
    if (this.#raw) return { ...placed, ...this.#raw.place(topic, content, source) }
    const filled = fillTemplate(this.#template, { topic, stream: source.stream })
    return { ...placed, target: this.#ofMember(filled), name: undefined }
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
      if (this.#raw) await this.#raw.write(files, signal)
      else await this.#attempt(target, () => this.#append(target, files))
    }
    return rejections
  }

  async *deadLetters(): AsyncGenerator<DeadLetter> {
    if (this.#template.startsWith('gs://')) return
    const files = await findLetterFiles(this.#template, this.#options.FORMAT === 'raw')
    yield* deadLettersIn(files, this.#setup.log)
  }

  close(): Promise<void> {
    return this.#files.close()
  }

  #append(target: string, files: readonly WholeFile[]): Promise<void> {
    return this.#files.append(target, Buffer.concat(files.map((file) => file.contents)))
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
      throw diskError(error, path)
    }
  }
}
