import { hash } from 'node:crypto'
import type { DeadLetter } from '../contract/dead-letter.ts'
import type { Logger } from '../contract/log.ts'
import { linesOf } from './lines.ts'
import { messageFrom } from './message-line.ts'

/** A file that may hold dead letters, a line each. */
export interface LetterFile {
  readonly path: string
  /** Stands in the number where there are several files. */
  readonly name: string
}

/** The dead letters in files, in order; other lines are passed over, and said aloud where they cannot be read. */
export async function* deadLettersIn(files: readonly LetterFile[], log: Logger): AsyncGenerator<DeadLetter> {
  const seen = new Map<string, number>()
  for (const { path, name } of files) {
    let line = 0
    for await (const bytes of linesOf(path)) {
      line++
      if (bytes.length === 0) continue
      const fields = parsed(bytes)
      if (fields === undefined) log.warn({ path, line }, `${path}: line ${line} cannot be read`)
      if (fields === undefined || typeof fields.code !== 'string' || typeof fields.reason !== 'string') continue
      // Its place changes when the file is rotated, its content does not; the same content may be there twice.
      const content = hash('sha256', bytes, 'base64url').slice(0, 22)
      const twins = (seen.get(content) ?? 0) + 1
      seen.set(content, twins)
      const id = twins === 1 ? content : `${content}-${twins}`
      const letter = letterOf(fields, files.length === 1 ? `${line}` : `${name}:${line}`, id)
      if (letter === undefined) log.warn({ path, line }, `${path}: line ${line} is no dead letter that can be read`)
      else yield letter
    }
  }
}

type Line = Readonly<Record<string, unknown>>

function parsed(bytes: Buffer): Line | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString())
    return typeof value === 'object' && value !== null ? (value as Line) : {}
  } catch {
    return undefined
  }
}

function letterOf(line: Line, number: string, id: string): DeadLetter | undefined {
  const text = (name: string) => (typeof line[name] === 'string' ? line[name] : undefined)
  try {
    const place = `${text('topic')}/${String(line.partition)}/${String(line.offset)}`
    return {
      number,
      id,
      message: messageFrom(line, { id: text('id') ?? place, topic: '' }),
      stream: text('stream'),
      route: text('route'),
      code: text('code') ?? 'unknown',
      reason: text('reason'),
      stack: text('stack'),
      attempts: typeof line.attempts === 'number' ? line.attempts : undefined
    }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
