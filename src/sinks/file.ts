import { mkdir } from 'node:fs/promises'
import { dirname, extname, resolve } from 'node:path'
import { deadLettersIn } from '../archive/dead-letters.ts'
import { fillTemplate, unknownPlaceholder } from '../archive/file-names.ts'
import type { DeadLetter } from '../contract/dead-letter.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import { bytes, choice, type Field, type OptionsOf, path, text } from '../contract/options.ts'
import type { Resource } from '../contract/resource.ts'
import type { Outgoing, Placed, Rejection, Sink, SinkNeedsSetup, SinkSetup, Source } from '../contract/sink.ts'
import { testid } from '../contract/testid.ts'
import { bucketResource } from '../google/bucket-resource.ts'
import { projectOf } from '../google/source.ts'
import { diskError } from '../store/disk-error.ts'
import { bucketsOf, pathForTestid, storagePathProblem } from '../store/open.ts'
import type { WholeFile } from '../store/store.ts'
import { contentOf, rendererOf } from './file-content.ts'
import { findLetterFiles } from './file-letters.ts'
import { LineFiles } from './line-files.ts'
import { rotateField } from './rotation.ts'
import { RawFiles } from './raw-files.ts'

const pathField: Field<string> = {
  ...path(
    'The file, with {topic} and {stream} filled in; a path that ends in / is a folder with {topic}.ndjson in it. With FORMAT raw: the folder, or with {key} in it the whole name, as plots/{key}.png; also gs://bucket/prefix, in Google Cloud Storage.',
    { required: true }
  ),
  read(value) {
    if (typeof value !== 'string' || value === '') return { problem: 'expected a path' }
    const unknown = unknownPlaceholder(value)
    if (unknown !== undefined) return { problem: `${unknown} stands for nothing here; {topic}, {stream} and {key} do` }
    const problem = storagePathProblem(value)
    if (problem !== undefined) return { problem }
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
  ROTATE: rotateField,
  KEY_FILE: path('For gs://: JSON key of a service account; left out: application default credentials.'),
  PROJECT: text(
    'For gs://: the Google Cloud project in which `setup` makes the bucket; left out: GOOGLE_CLOUD_PROJECT.'
  ),
  TESTID: testid(
    'For a test run, set by `--testid`: files go to a folder TESTID, or a bucket whose name ends in -TESTID.'
  )
}

type Options = OptionsOf<typeof fields>

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

  static writes({ PATH, FORMAT }: Options): undefined {
    const whole = ['{key}', 'gs://'].find((part) => PATH.includes(part))
    if (whole === undefined || FORMAT === 'raw') return undefined
    throw new AlertStreamsError(
      'CONFIG_INVALID',
      `PATH with ${whole} is for a file a message, and FORMAT is ${FORMAT}`,
      {
        remedy: 'Set FORMAT: raw, or another PATH.'
      }
    )
  }

  static needs(options: Options, { name, baseDir }: SinkNeedsSetup): readonly Resource[] {
    const buckets = bucketsOf([pathForTestid(options.PATH, options.TESTID)])
    if (buckets.length === 0) return []
    const asker = { project: projectOf(options.PROJECT, name), account: { ...options, TOKEN_FILE: undefined }, baseDir }
    return buckets.map((bucket) => bucketResource(bucket, asker))
  }

  readonly #options: Options
  readonly #setup: SinkSetup
  readonly #files: LineFiles
  /** FORMAT raw. */
  readonly #raw: RawFiles | undefined
  readonly #template: string

  get readsPayload(): boolean {
    return this.#options.FORMAT === 'payload'
  }

  constructor(options: Options, setup: SinkSetup) {
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
