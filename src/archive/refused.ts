import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Source } from '../contract/sink.ts'
import { lineOf } from './message-line.ts'

export function refusedPath(stateDir: string): string {
  return join(stateDir, 'refused-dead-letters.ndjson')
}

/** The last resort for a dead letter that its sink refused: a line in a file in STATE_DIR, synced. Gives its path. */
export async function keepRefused(stateDir: string, source: Source): Promise<string> {
  const path = refusedPath(stateDir)
  await mkdir(stateDir, { recursive: true })
  const file = await open(path, 'a')
  try {
    await file.appendFile(lineOf(source, source.message))
    await file.datasync()
  } finally {
    await file.close()
  }
  return path
}
