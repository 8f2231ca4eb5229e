import type { Message } from '../contract/alert.ts'
import type { CelRecord, Kind } from './values.ts'

interface MessageField {
  readonly kind: Kind
  read(message: Message, stream: string): unknown
}

const headers: MessageField = { kind: 'map', read: headerTexts }

/** What `msg.` has. */
export const messageFields: Readonly<Record<string, MessageField>> = {
  topic: { kind: 'string', read: (message) => message.topic },
  /** UTF-8 text, or null. */
  key: { kind: 'string', read: (message) => text(message.key) },
  headers,
  /** Pub/Sub's word for headers. */
  attributes: headers,
  publishedAt: { kind: 'timestamp', read: (message) => message.publishedAt ?? null },
  size: { kind: 'int', read: (message) => message.size },
  stream: { kind: 'string', read: (_message, stream) => stream }
}

export function messageRecord(message: Message, stream: string): CelRecord {
  return Object.fromEntries(Object.entries(messageFields).map(([name, field]) => [name, field.read(message, stream)]))
}

/** The first header of each name. */
function headerTexts(message: Message): CelRecord {
  const texts: Record<string, string | null> = Object.create(null)
  for (const [name, value] of message.headers) if (!(name in texts)) texts[name] = text(value)
  return texts
}

function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}
