import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { AlertStreamsError, reasonOf } from '../../contract/errors.ts'

import { joinSchemas } from './join.ts'
import { readersOf } from './kept.ts'
import type { AvroReaders } from './readers.ts'

/** A schema that the configuration names. */
export interface ConfiguredSchema {
  /** Its JSON, with all it refers to. */
  readonly text: Uint8Array
  readonly readers: AvroReaders
}

/**
 * The schema in one or more files, or in all the .avsc files of a folder, where they may name each other. Relative paths
 * start at `baseDir`. Throws `CONFIG_INVALID`.
 */
export function configuredSchema(paths: readonly string[], baseDir: string): ConfiguredSchema {
  const files = paths.flatMap((path) => filesAt(resolve(baseDir, path)))
  try {
    const parts = files.flatMap((file): unknown => JSON.parse(readFileSync(file, 'utf8')))
    if (parts.length === 0) throw new Error('there is no .avsc file')
    const text = Buffer.from(JSON.stringify(joinSchemas(parts)))
    return { text, readers: readersOf(text) }
  } catch (cause) {
    throw invalid(paths.join(', '), cause)
  }
}

function filesAt(path: string): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path]
    return readdirSync(path)
      .filter((name) => name.endsWith('.avsc'))
      .toSorted()
      .map((name) => join(path, name))
  } catch (cause) {
    throw invalid(path, cause)
  }
}

function invalid(what: string, cause: unknown): AlertStreamsError {
  return new AlertStreamsError('CONFIG_INVALID', `The schema ${what} can't be used: ${reasonOf(cause)}`, {
    cause,
    remedy: 'Give the paths of .avsc files, or of a folder of them, which together hold every type that they name'
  })
}
