import { glob, open, readdir, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, relative, sep } from 'node:path'

/** A file of an archive. */
export interface ArchiveFile {
  readonly path: string
  /** Relative to the archive, with `/` on every system: stands in ids. */
  readonly name: string
  /** The name of the folder that it lies in. */
  readonly folder: string
  /** A message a line, or the whole file one message. */
  readonly holds: 'lines' | 'one'
  /** When it was last changed, UTC. */
  readonly changedAt: Date
}

const LINES = ['.ndjson', '.jsonl']
const ONE = ['.avro', '.json', '.xml', '.bin']

/**
 * What a path stands for, sorted by name: a file; a folder with all below it that has an extension we know; a glob.
 * Empty when there is nothing.
 */
export async function listFiles(path: string): Promise<readonly ArchiveFile[]> {
  const there = await stat(path).catch(() => undefined)
  if (there?.isFile()) return [await describe(path, dirname(path))]
  const found = there?.isDirectory() ? await inFolder(path) : await matching(path)
  const root = there?.isDirectory() ? path : fixedPart(path)
  const files = await Promise.all(found.map((file) => describe(file, root)))
  return files.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

async function inFolder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .filter((entry) => [...LINES, ...ONE].includes(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name))
}

async function matching(pattern: string): Promise<string[]> {
  if (!/[*?[{]/.test(pattern)) return []
  const found: string[] = []
  for await (const entry of glob(pattern.replaceAll(sep, '/'), { withFileTypes: true })) {
    if (entry.isFile()) found.push(join(entry.parentPath, entry.name))
  }
  return found
}

/** The folder above the first part of a glob that stands for several names. */
function fixedPart(pattern: string): string {
  return dirname(`${pattern.slice(0, pattern.search(/[*?[{]/))}-`)
}

async function describe(path: string, root: string): Promise<ArchiveFile> {
  return {
    path,
    name: relative(root, path).replaceAll(sep, '/'),
    folder: basename(dirname(path)),
    holds: LINES.includes(extname(path)) ? 'lines' : 'one',
    changedAt: (await stat(path)).mtime
  }
}

const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d

/** The lines of a file without their ends, empty ones too; reads ahead by a block, whatever the file's size. */
export async function* linesOf(path: string): AsyncGenerator<Buffer> {
  yield* linesIn(blocksOf(path))
}

async function* blocksOf(path: string): AsyncGenerator<Buffer> {
  const file = await open(path)
  try {
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(256 * 1024))
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

/** The same of bytes that come in blocks. */
export async function* linesIn(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = []
  for await (const block of blocks) {
    let start = 0
    for (let end = block.indexOf(NEWLINE); end >= 0; end = block.indexOf(NEWLINE, start)) {
      yield withoutReturn(joined([...pieces, block.subarray(start, end)]))
      pieces = []
      start = end + 1
    }
    if (start < block.length) pieces.push(block.subarray(start))
  }
  if (pieces.length > 0) yield withoutReturn(joined(pieces))
}

function joined(pieces: readonly Buffer[]): Buffer {
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line
}
