import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, extname, resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { linesIn, linesOf } from '../archive/lines.ts'
import { messageOf, sizeOf } from '../archive/message-line.ts'
import { parseJson } from '../codecs/json-text.ts'
import type { Message } from '../contract/alert.ts'
import type { Given } from './message-options.ts'

/** The file's name on the command line for standard input. */
export const STDIN = '-'

const LINES = ['.ndjson', '.jsonl']

/** What stands on the command line counts before what the messages say themselves. */
export async function* messagesFrom(file: string, given: Given): AsyncGenerator<Message> {
  for await (const message of messagesIn(file)) {
    const { key = message.key, topic = message.topic } = given
    const headers = [...given.headers, ...message.headers]
    yield { ...message, topic, key, headers, size: sizeOf({ key, headers, bytes: message.bytes }) }
  }
}

/** A file of messages in lines, or of JSON payloads in lines, gives one a line; any other is one message. */
async function* messagesIn(file: string): AsyncGenerator<Message> {
  if (file !== STDIN) await expectFile(file)
  const topic = file === STDIN ? '' : basename(dirname(resolve(file)))
  if (LINES.includes(extname(file))) return yield* messagesInLines(linesOf(file), file, topic)
  const bytes = file === STDIN ? await buffer(process.stdin) : await readFile(file)
  if (holdsLines(bytes)) return yield* messagesInLines(linesIn(only(bytes)), file, topic)
  yield bare(bytes, nameOf(file), topic, file === STDIN ? undefined : (await stat(file)).mtime)
}

/** Throws with the reason in words. */
export async function expectFile(file: string): Promise<void> {
  const there = await stat(file).catch((error: NodeJS.ErrnoException) => error)
  if (!(there instanceof Error)) {
    if (there.isDirectory()) throw new Error('this is a folder: name the files in it')
    return
  }
  throw there.code === 'ENOENT' ? new Error('there is no such file', { cause: there }) : there
}

async function* messagesInLines(lines: AsyncIterable<Buffer>, file: string, topic: string): AsyncGenerator<Message> {
  let number = 0
  for await (const line of lines) {
    number++
    if (line.length === 0) continue
    const id = `${nameOf(file)}, line ${number}`
    yield asMessage(line, id, topic) ?? bare(line, id, topic, undefined)
  }
}

function asMessage(line: Buffer, id: string, topic: string): Message | undefined {
  try {
    return messageOf(line.toString(), { id, topic })
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** The first line is a JSON object by itself, and is a message or has others below it. */
function holdsLines(bytes: Buffer): boolean {
  if (bytes[0] !== 0x7b) return false
  const end = bytes.indexOf('\n')
  const first = end < 0 ? bytes : bytes.subarray(0, end)
  try {
    const value = parseJson(first.toString()) as object
    if ('value' in value && 'headers' in value && asMessage(first, '', '') !== undefined) return true
    return end >= 0 && bytes.subarray(end).toString().trim() !== ''
  } catch {
    return false
  }
}

async function* only(block: Buffer): AsyncGenerator<Buffer> {
  yield block
}

function nameOf(file: string): string {
  return file === STDIN ? 'standard input' : file
}

function bare(bytes: Uint8Array, id: string, topic: string, publishedAt: Date | undefined): Message {
  const nothing = { partition: undefined, offset: undefined, key: null, headers: [] }
  return { topic, id, publishedAt, bytes, size: bytes.length, ...nothing }
}
