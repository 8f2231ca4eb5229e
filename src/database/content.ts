import { parseJson, stringifyJson } from '../codecs/json-text.ts'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import type { Source } from '../contract/sink.ts'

/** A value that a handler gave, and what of it is kept. */
export interface Content {
  readonly payload: unknown
  readonly json: string | null
  readonly bytes: Uint8Array | null
}

/** True for `{table, row}`: a row that a handler made. */
export function isRow(value: unknown): value is { readonly table: unknown; readonly row: unknown } {
  if (typeof value !== 'object' || value === null) return false
  return 'table' in value && 'row' in value && Object.keys(value).length === 2
}

/** Throws `SINK_REJECTED` for a message that cannot be decoded, and a value that has no JSON. */
export function contentOf(value: unknown, source: Source, keep: 'slim' | 'whole' | 'none'): Content {
  const payload = value instanceof Uint8Array ? payloadOf(value, source) : value
  if (payload === null || payload === undefined)
    return { payload: null, json: value === null ? null : 'null', bytes: null }
  if (payload instanceof Uint8Array) return { payload: null, json: null, bytes: keep === 'none' ? null : payload }
  if (keep === 'none') return { payload, json: null, bytes: null }
  try {
    return { payload, json: stringifyJson(keep === 'slim' ? withoutBytes(payload) : payload), bytes: null }
  } catch (error) {
    throw refused(`it cannot be written as JSON: ${reasonOf(error)}`, error)
  }
}

/** The decoded payload of a message that goes on as it came; other bytes are JSON, or themselves. */
function payloadOf(bytes: Uint8Array, source: Source): unknown {
  if (bytes === source.message.bytes) {
    try {
      return source.payload()
    } catch (error) {
      throw refused(reasonOf(error), error)
    }
  }
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return bytes
  }
}

/** The same value where it holds none. In a list a null stands for bytes. */
function withoutBytes(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (value instanceof Uint8Array) return null
  if (Array.isArray(value)) return value.some(isObject) ? value.map(withoutBytes) : value
  const entries = Object.entries(value)
  if (!entries.some(([, one]) => isObject(one))) return value
  const kept = entries.filter(([, one]) => !(one instanceof Uint8Array))
  return Object.fromEntries(kept.map(([name, one]) => [name, withoutBytes(one)]))
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function refused(reason: string, cause: unknown): AlertStreamsError {
  return new AlertStreamsError('SINK_REJECTED', reason, { cause })
}
