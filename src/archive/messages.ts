import { readFile } from 'node:fs/promises'
import type { Message } from '../contract/alert.ts'
import { reasonOf } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import { type ArchiveFile, linesOf } from './files.ts'
import { messageOf } from './message-line.ts'

/**
 * The messages of a file in order. A line that is no message is a payload itself, whatever is in it: a line that
 * nobody can read becomes an alert that nobody can decode, and not a gap.
 */
export async function* messagesIn(file: ArchiveFile, topic: string, log: Logger): AsyncGenerator<Message> {
  if (file.holds === 'one') {
    yield bare(await readFile(file.path), file.name, topic, file.changedAt)
    return
  }
  let number = 0
  let warned = false
  for await (const line of linesOf(file.path)) {
    number++
    if (line.length === 0) continue
    const id = `${file.name}#${number}`
    try {
      yield messageOf(line.toString(), { id, topic })
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      if (!warned) log.warn({ id }, `${id} is no message (${reasonOf(error)}); such lines are taken as payloads`)
      warned = true
      yield bare(line, id, topic, file.changedAt)
    }
  }
}

function bare(bytes: Uint8Array, id: string, topic: string, publishedAt: Date): Message {
  const nothing = { partition: undefined, offset: undefined, key: null, headers: [] }
  return { topic, id, publishedAt, bytes, size: bytes.length, ...nothing }
}
