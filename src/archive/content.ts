import type { Message } from '../contract/alert.ts'
import { reasonOf } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import { ByteReader } from './byte-reader.ts'
import { MOST_BYTES } from './damage.ts'
import type { ArchiveFile } from './files.ts'
import { linesIn } from './lines.ts'
import { messageOf } from './message-line.ts'
import { folderOf, nightOf } from './names.ts'
import { type Piece, piecesOf } from './records.ts'
import { instant, nightSpan, type Span } from './span.ts'

/** How an archive is read. */
export interface ArchiveReading {
  /** Of messages whose file does not say; undefined: the name of the folder that the file lies in. */
  readonly topic: string | undefined
  /** Each record of an Avro container is a message. */
  readonly apart: boolean
  /** Whether messages of that time are wanted. */
  wants(time: Span): boolean
  /** A file, or the rest of it, could not be read. */
  damaged(text: string): void
  readonly log: Logger
  readonly signal: AbortSignal
}

/** A file, wherever its bytes come from. */
export type Content = Pick<ArchiveFile, 'name' | 'place' | 'form' | 'changedAt'>

/** The messages of a file that is no archive of files. Throws `Damage`, and what the blocks throw. */
export function messagesOf(
  { name, place, form, changedAt }: Content,
  blocks: AsyncIterable<Buffer>,
  reading: ArchiveReading
): AsyncGenerator<Message> {
  const night = nightOf(place)
  const file = {
    name,
    topic: reading.topic ?? folderOf(place),
    publishedAt: night ?? changedAt,
    time: night === undefined ? instant(changedAt) : nightSpan(night)
  }
  return form.holds === 'lines' ? inLines(file, blocks, reading) : inPieces(file, blocks, reading)
}

/** What is known of a message whose file does not say it. */
interface Known {
  readonly name: string
  readonly topic: string
  readonly publishedAt: Date
  readonly time: Span
}

/** A line that is no message is a payload itself, whatever is in it. */
async function* inLines(
  file: Known,
  blocks: AsyncIterable<Buffer>,
  { wants, log }: ArchiveReading
): AsyncGenerator<Message> {
  let number = 0
  let warned = false
  for await (const line of linesIn(blocks, MOST_BYTES)) {
    number++
    if (line.length === 0) continue
    const id = `${file.name}#${number}`
    const found = messageIn(line, { id, topic: file.topic })
    if (found instanceof SyntaxError) {
      if (!warned) log.warn({ id }, `${id} is no message (${reasonOf(found)}); such lines are taken as payloads`)
      warned = true
      if (wants(file.time)) yield bare(line, id, file)
    } else if (wants(found.publishedAt === undefined ? file.time : instant(found.publishedAt))) yield found
  }
}

function messageIn(line: Buffer, fallback: { readonly id: string; readonly topic: string }): Message | SyntaxError {
  try {
    return messageOf(line.toString(), fallback)
  } catch (error) {
    if (error instanceof SyntaxError) return error
    throw error
  }
}

async function* inPieces(
  file: Known,
  blocks: AsyncIterable<Buffer>,
  { apart, wants, log }: ArchiveReading
): AsyncGenerator<Message> {
  if (!wants(file.time)) return
  const { name } = file
  const reader = new ByteReader(blocks)
  let count = 0
  try {
    for await (const [{ bytes, damage }, number] of numbered(piecesOf(reader, apart))) {
      const id = number === undefined ? name : `${name}#${number}`
      if (damage !== undefined) {
        log.error(
          { file: name, offset: damage.offset },
          `${name} is damaged at byte ${damage.offset}: ${damage.message}; what cannot be read is taken as ${id}`
        )
      }
      yield bare(bytes, id, file)
      count++
    }
    if (count === 0) log.warn(`${name} holds no alert`)
  } finally {
    await reader.close()
  }
}

/** Counts from 1; without a number where there is only one. */
async function* numbered(pieces: AsyncIterable<Piece>): AsyncGenerator<readonly [Piece, number | undefined]> {
  let count = 0
  let first: Piece | undefined
  let failure: { readonly error: unknown } | undefined
  try {
    for await (const piece of pieces) {
      if (++count === 1) first = piece
      else {
        if (first !== undefined) yield [first, 1]
        first = undefined
        yield [piece, count]
      }
    }
  } catch (error) {
    failure = { error }
  }
  if (first !== undefined) yield [first, undefined]
  if (failure !== undefined) throw failure.error
}

function bare(bytes: Uint8Array, id: string, { topic, publishedAt }: Known): Message {
  const nothing = { partition: undefined, offset: undefined, key: null, headers: [] }
  return { topic, id, publishedAt, bytes, size: bytes.length, ...nothing }
}
