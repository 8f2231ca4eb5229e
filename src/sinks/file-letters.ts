import { readdir } from 'node:fs/promises'
import { dirname, extname, join, relative, sep } from 'node:path'
import type { LetterFile } from '../archive/dead-letters.ts'

/** What `--processes N` and rotation put before a name's extension. */
const BETWEEN = String.raw`(?:\.\d+)?(?:\.\d{8}(?:T\d{6}Z)?(?:-\d+)?)?`

/**
 * The files that a FileSink with this PATH (absolute, with {topic} and {stream} in it) has written lines to, sorted by
 * name: finished ones come before the one that is being written. `raw`: the single files of dead letters in its folder.
 */
export async function findLetterFiles(template: string, raw: boolean): Promise<readonly LetterFile[]> {
  const [fixed = ''] = template.split('{')
  const root = dirname(`${fixed}-`)
  const below = relative(root, template).replaceAll(sep, '/')
  const pattern = raw ? inFolder(below) : lineFile(below)
  const recursive = raw || below.includes('/')
  const entries = await readdir(root, { recursive, withFileTypes: true }).catch(nothingThere)
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, name: relative(root, path).replaceAll(sep, '/') }))
    .filter(({ name }) => pattern.test(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function lineFile(template: string): RegExp {
  const extension = extname(template)
  const stem = template.slice(0, template.length - extension.length)
  return new RegExp(`^${literal(stem)}${BETWEEN}${literal(extension)}$`)
}

function inFolder(template: string): RegExp {
  return new RegExp(`^${literal(template.replace(/\.ndjson$/, ''))}/[^/]+\\.ndjson$`)
}

/** A part of the template as a pattern; what is filled in has no `/` in it. */
function literal(text: string): string {
  return text.replace(/\{\w*\}|[^\w/]/g, (part) => (part.length > 1 ? '[^/]+' : `\\${part}`))
}

function nothingThere(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return []
  throw error
}
