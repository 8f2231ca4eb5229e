import type { Headers, Message } from '../contract/alert.ts'
import type { Source } from '../contract/sink.ts'

/** What a line holds in place of the source message's own: what is published under that message's name. */
export interface Content {
  readonly key: Uint8Array | null
  readonly headers: Headers
  readonly bytes: Uint8Array | null
}

/**
 * A message as one JSON object on a line, newline included. Topic, place and time are the source message's, bytes are
 * base64, a dead letter says why it is one.
 */
export function lineOf({ message, stream, route, failure }: Source, content: Content): string {
  const { topic, id, partition, offset, publishedAt } = message
  const line = {
    topic,
    ...(offset === undefined ? { id } : { partition, offset }),
    timestamp: publishedAt?.toISOString(),
    key: base64(content.key),
    headers: content.headers.map(([name, value]) => [name, base64(value)]),
    value: base64(content.bytes),
    ...(failure && {
      reason: failure.reason,
      code: failure.code,
      stack: failure.stack,
      attempts: failure.attempts,
      stream,
      route
    })
  }
  return `${JSON.stringify(line)}\n`
}

/** What a message gets when its file does not say. */
export interface Fallback {
  readonly id: string
  readonly topic: string
}

/**
 * The message of a line. Its id is the given one: a line's own place may occur twice in a file. Throws `SyntaxError`
 * that names the field.
 */
export function messageOf(line: string, { id, topic }: Fallback): Message {
  const fields: unknown = JSON.parse(line)
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) throw new SyntaxError('not an object')
  return messageFrom(fields as Readonly<Record<string, unknown>>, { id, topic })
}

/** The same of a line that was parsed. */
export function messageFrom(given: Readonly<Record<string, unknown>>, { id, topic }: Fallback): Message {
  if (!('value' in given)) throw new SyntaxError('value is missing: not a message in a line')
  const key = bytesOf(given.key, 'key')
  const bytes = bytesOf(given.value, 'value')
  const headers = headersOf(given.headers ?? [])
  return {
    topic: typeof given.topic === 'string' && given.topic !== '' ? given.topic : topic,
    id,
    partition: typeof given.partition === 'number' ? given.partition : undefined,
    offset: typeof given.offset === 'string' ? given.offset : undefined,
    key,
    headers,
    publishedAt: dateOf(given.timestamp),
    bytes,
    size: sizeOf({ key, headers, bytes })
  }
}

/** What a message is charged for, bytes. */
export function sizeOf({ key, headers, bytes }: Content): number {
  let size = (key?.length ?? 0) + (bytes?.length ?? 0)
  for (const [name, value] of headers) size += name.length + (value?.length ?? 0)
  return size
}

function base64(bytes: Uint8Array | null): string | null {
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

function bytesOf(value: unknown, field: string): Uint8Array | null {
  if (value === null || value === undefined) return null
  // Node reads what it can and drops the rest in silence.
  if (typeof value !== 'string' || value.length % 4 !== 0 || !BASE64.test(value)) {
    throw new SyntaxError(`${field} is not base64`)
  }
  return Buffer.from(value, 'base64')
}

function headersOf(value: unknown): Headers {
  if (!Array.isArray(value)) throw new SyntaxError('headers is not a list')
  return value.map((header: unknown): readonly [string, Uint8Array | null] => {
    if (!Array.isArray(header) || typeof header[0] !== 'string') throw new SyntaxError('a header is not [name, base64]')
    return [header[0], bytesOf(header[1], `the header ${header[0]}`)]
  })
}

function dateOf(value: unknown): Date | undefined {
  if (value === undefined || value === null) return undefined
  const date = new Date(String(value))
  if (Number.isNaN(date.getTime())) throw new SyntaxError('timestamp is not a time')
  return date
}
