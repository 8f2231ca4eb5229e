import { type Content, lineOf } from '../archive/message-line.ts'
import { parseJson, stringifyJson } from '../codecs/json-text.ts'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import type { Outgoing, Source } from '../contract/sink.ts'

export type FileFormat = 'messages' | 'payload' | 'raw'

const utf8 = new TextEncoder()

/** Key, headers and value of an outgoing message as bytes. Throws `SINK_REJECTED` for a value that JSON cannot hold. */
export function contentOf(outgoing: Outgoing, source: Source): Content {
  const key = outgoing.key === undefined ? source.message.key : outgoing.key
  return {
    key: encoded(key),
    headers: (outgoing.headers ?? []).map(([name, value]) => [name, encoded(value)]),
    bytes: valueBytes(outgoing.value)
  }
}

/** What goes into the file, later, when it is written. Throws `SINK_REJECTED`, at once or on rendering. */
export function rendererOf(
  format: FileFormat,
  content: Content,
  outgoing: Outgoing,
  source: Source
): () => Uint8Array | Promise<Uint8Array> {
  // A dead letter is kept whole whatever the format; often it is one because its payload cannot be read.
  if (format === 'messages' || source.failure) return () => utf8.encode(lineOf(source, content))
  if (format === 'raw') return () => content.bytes ?? new Uint8Array()
  const payload = payloadOf(content, outgoing, source)
  if (payload instanceof Promise) return () => payload.then(payloadLine, refuse)
  const line = payloadLine(payload)
  return () => line
}

function payloadOf({ bytes }: Content, outgoing: Outgoing, source: Source): unknown {
  if (!(outgoing.value instanceof Uint8Array)) return outgoing.value
  try {
    if (outgoing.value === source.message.bytes) return source.payload()
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes ?? undefined))
  } catch (error) {
    return refuse(error)
  }
}

function payloadLine(payload: unknown): Uint8Array {
  return utf8.encode(`${json(payload)}\n`)
}

function encoded(value: string | Uint8Array | null): Uint8Array | null {
  return typeof value === 'string' ? utf8.encode(value) : value
}

function valueBytes(value: unknown): Uint8Array | null {
  return value === null || value instanceof Uint8Array ? value : utf8.encode(json(value))
}

function json(value: unknown): string {
  try {
    return stringifyJson(value)
  } catch (error) {
    return refuse(error)
  }
}

function refuse(error: unknown): never {
  throw new AlertStreamsError('SINK_REJECTED', `it cannot be written as JSON: ${reasonOf(error)}`, { cause: error })
}
