import { parseJson } from '../codecs/json-text.ts'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import type { Outgoing, Source } from '../contract/sink.ts'
import type { Fields } from './row-shape.ts'

/** The record that a row is made of: a handler's, or the decoded alert. Throws `SINK_REJECTED`. */
export function recordOf({ value }: Outgoing, source: Source): Fields {
  const record = value instanceof Uint8Array ? payloadOf(value, source) : value
  if (typeof record === 'object' && record !== null && !Array.isArray(record) && !(record instanceof Uint8Array)) {
    return record as Fields
  }
  throw refused('it is no record, and a row is made of one')
}

/** Decoded already where a message goes on as it came; a handler's bytes are JSON. */
function payloadOf(bytes: Uint8Array, source: Source): unknown {
  try {
    if (bytes === source.message.bytes) return source.payload()
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw refused(reasonOf(error), error)
  }
}

/** Bytes of a value, about, as it is held and sent. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 3
  if (typeof value !== 'object' || value === null) return 8
  if (value instanceof Uint8Array) return value.length
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + sizeOf(item) + 1, 2)
  return Object.entries(value).reduce((sum, [name, one]) => sum + name.length + 4 + sizeOf(one), 2)
}

/** The value of a path such as diaSource.diaSourceId as text; undefined: it is none. */
export function idAt(record: Fields, path: string): string | undefined {
  const value = path.split('.').reduce<unknown>((part, name) => (part as Fields | null | undefined)?.[name], record)
  return ['string', 'number', 'bigint'].includes(typeof value) && value !== '' ? String(value) : undefined
}

function refused(reason: string, cause?: unknown): AlertStreamsError {
  return new AlertStreamsError('SINK_REJECTED', reason, { cause })
}
