import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Logger } from '../contract/log.ts'
import { syncFolder } from '../store/sync-folder.ts'

const NEWLINE = 0x0a
const { O_RDWR, O_CREAT, O_APPEND } = constants

/**
 * A file of whole lines. An append is on disk when it resolves; one that fails leaves nothing behind, not half a line.
 */
export class AppendFile {
  readonly path: string
  /** Bytes that are known to be good. */
  length: number
  /** When it was last written, milliseconds since the epoch. */
  writtenAt: number
  /** A write may have left something behind `length`. */
  #dirty = false
  readonly #handle: FileHandle

  private constructor(path: string, handle: FileHandle, length: number, writtenAt: number) {
    this.path = path
    this.#handle = handle
    this.length = length
    this.writtenAt = writtenAt
  }

  /** Opens or creates it. A last line that a crash left unfinished is moved to a file beside it, and said aloud. */
  static async open(path: string, log: Logger): Promise<AppendFile> {
    await mkdir(dirname(path), { recursive: true })
    const handle = await open(path, O_RDWR | O_CREAT | O_APPEND)
    try {
      const { size, mtimeMs } = await handle.stat()
      const length = await endOfLines(handle, size)
      if (length < size) await moveTail(handle, path, length, size, log)
      if (size === 0) await syncFolder(dirname(path))
      return new AppendFile(path, handle, length, mtimeMs)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  async append(lines: Uint8Array): Promise<void> {
    const start = await this.#start()
    this.#dirty = true
    try {
      for (let written = 0; written < lines.length; ) {
        written += (await this.#handle.write(lines, written)).bytesWritten
      }
      await this.#handle.datasync()
    } catch (error) {
      await this.#cut(start).catch(() => {})
      throw error
    }
    this.#dirty = false
    this.length = start + lines.length
    this.writtenAt = Date.now()
  }

  /** True while its path leads to it: nobody has moved or deleted it. */
  async isCurrent(): Promise<boolean> {
    const [ours, there] = await Promise.all([this.#handle.stat(), stat(this.path).catch(() => undefined)])
    return there !== undefined && there.ino === ours.ino && there.dev === ours.dev
  }

  close(): Promise<void> {
    return this.#handle.close()
  }

  /** Where the next line begins: behind what we know, and behind what others have appended meanwhile. */
  async #start(): Promise<number> {
    if (this.#dirty) await this.#cut(this.length)
    const { size } = await this.#handle.stat()
    if (size === this.length) return size
    if ((await endOfLines(this.#handle, size)) !== size) {
      throw new Error(`${this.path} was changed by another program and ends in the middle of a line`)
    }
    return size
  }

  async #cut(length: number): Promise<void> {
    await this.#handle.truncate(length)
    this.length = length
    this.#dirty = false
  }
}

/** How many of the first `size` bytes are whole lines. */
async function endOfLines(handle: FileHandle, size: number): Promise<number> {
  const block = Buffer.alloc(64 * 1024)
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - block.length)
    const { bytesRead } = await handle.read(block, 0, end - start, start)
    const newline = block.subarray(0, bytesRead).lastIndexOf(NEWLINE)
    if (newline >= 0) return start + newline + 1
    end = start
  }
  return 0
}

async function moveTail(handle: FileHandle, path: string, length: number, size: number, log: Logger): Promise<void> {
  const tail = Buffer.alloc(size - length)
  await handle.read(tail, 0, tail.length, length)
  const aside = `${path}.torn-${new Date().toISOString().replace(/[-:.]/g, '')}`
  const copy = await open(aside, 'wx')
  try {
    await copy.writeFile(tail)
    await copy.sync()
  } finally {
    await copy.close()
  }
  await handle.truncate(length)
  log.warn(
    { path, aside, bytes: tail.length },
    `${path} ended in the middle of a line, as after a crash; the unfinished line is now in ${aside}`
  )
}
