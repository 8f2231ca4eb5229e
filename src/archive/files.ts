import { glob, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { blocksOf } from './lines.ts'
import { type Form, formOf, unknownForm } from './names.ts'

/** A file of an archive. */
export interface ArchiveFile {
  /** Relative to the archive, with `/` on every system: stands in ids. */
  readonly name: string
  /** The same behind the name of the archive's own folder. */
  readonly place: string
  readonly form: Form
  /** When it was last changed, UTC. */
  readonly changedAt: Date
  /** Its bytes from the beginning, each time anew. Throws what the disk or the service says. */
  open(signal: AbortSignal): AsyncIterable<Buffer>
}

/**
 * What paths stand for: a file; a folder with all below it that has an extension we know; a glob. In the order of the
 * paths, and of the names below each; one that several stand for comes once. Empty when there is nothing.
 */
export async function listFiles(paths: readonly string[]): Promise<readonly ArchiveFile[]> {
  if (paths.length === 0) return []
  const found = await Promise.all(paths.map(filesAt))
  const root = commonFolder(found.map(({ root }) => root))
  const files = new Set(found.flatMap(({ files }) => files))
  return Promise.all([...files].map((file) => describe(file, root)))
}

interface Found {
  readonly root: string
  readonly files: readonly string[]
}

async function filesAt(path: string): Promise<Found> {
  const there = await stat(path).catch(() => undefined)
  if (there?.isFile()) return { root: dirname(path), files: [path] }
  const files = there?.isDirectory() ? await inFolder(path) : await matching(path)
  return { root: there?.isDirectory() ? path : fixedPart(path), files: files.sort(byName) }
}

async function inFolder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && formOf(entry.name) !== undefined)
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

/** By characters, `/` on every system. */
function byName(a: string, b: string): number {
  const [one, other] = [a.replaceAll(sep, '/'), b.replaceAll(sep, '/')]
  return one < other ? -1 : one > other ? 1 : 0
}

/** The folder above the first part of a glob that stands for several names. */
function fixedPart(pattern: string): string {
  return dirname(`${pattern.slice(0, pattern.search(/[*?[{]/))}-`)
}

function commonFolder(folders: readonly string[]): string {
  return folders.reduce((common, folder) => {
    while (common !== folder && !folder.startsWith(common.endsWith(sep) ? common : common + sep))
      common = dirname(common)
    return common
  })
}

async function describe(path: string, root: string): Promise<ArchiveFile> {
  const name = relative(root, path).replaceAll(sep, '/')
  return {
    name,
    place: `${basename(root)}/${name}`,
    form: formOf(path) ?? unknownForm(path),
    changedAt: (await stat(path)).mtime,
    open: () => blocksOf(path)
  }
}
