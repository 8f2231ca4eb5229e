import type { Logger } from '../contract/log.ts'
import { AppendFile } from './append-file.ts'
import { isFull, moveFinished, type Rotation } from './rotation.ts'

/** A topic a day makes many names in a year; the operating system has a limit to what is open at once. */
const MOST_OPEN = 64

/** The files that a sink appends to, opened on first use. Different paths may be written beside each other. */
export class LineFiles {
  readonly #rotation: Rotation
  readonly #log: Logger
  /** The one used last is the last. */
  readonly #open = new Map<string, AppendFile>()
  readonly #busy = new Set<string>()

  constructor(rotation: Rotation, log: Logger) {
    this.#rotation = rotation
    this.#log = log
  }

  /** Resolves when the lines are on disk; nothing of them is in the file when it rejects. */
  async append(path: string, lines: Uint8Array): Promise<void> {
    this.#busy.add(path)
    try {
      const file = await this.#ready(path, lines.length)
      await file.append(lines)
    } finally {
      this.#busy.delete(path)
      await this.#closeIdle()
    }
  }

  async close(): Promise<void> {
    for (const path of [...this.#open.keys()]) await this.#release(path)
  }

  async #ready(path: string, adding: number): Promise<AppendFile> {
    const file = await this.#current(path)
    if (!isFull(this.#rotation, file, adding, Date.now())) return file
    await this.#release(path)
    const finished = await moveFinished(path, this.#rotation, file.writtenAt)
    this.#log.info({ path, finished }, `finished ${finished}`)
    return this.#current(path)
  }

  async #current(path: string): Promise<AppendFile> {
    const known = this.#open.get(path)
    if (known && !(await known.isCurrent())) await this.#release(path)
    const file = this.#open.get(path) ?? (await AppendFile.open(path, this.#log))
    this.#open.delete(path)
    this.#open.set(path, file)
    return file
  }

  async #closeIdle(): Promise<void> {
    for (const path of [...this.#open.keys()]) {
      if (this.#open.size <= MOST_OPEN) return
      if (!this.#busy.has(path)) await this.#release(path)
    }
  }

  async #release(path: string): Promise<void> {
    const file = this.#open.get(path)
    this.#open.delete(path)
    await file?.close()
  }
}
