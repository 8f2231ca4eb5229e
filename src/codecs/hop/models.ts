import { decoding, notEncodable } from '../failure.ts'
import { decodeJson, encodeJson } from '../json.ts'
import { usualLimits } from '../limits.ts'

/** A GCN circular as Hopskotch carries it, with what stands above its text: `{title, number, subject, date, from}`. */
export interface Circular {
  readonly header: Readonly<Record<string, unknown>>
  readonly body: string
}

/** Stands for a message too large for its topic. */
export interface Placeholder {
  readonly url: string
}

export function decodeCircular(bytes: Uint8Array, limits = usualLimits): Circular {
  return decoding('Hopskotch circular', () => toCircular(decodeJson(bytes, limits)))
}

export function decodePlaceholder(bytes: Uint8Array, limits = usualLimits): Placeholder {
  return decoding('Hopskotch placeholder', () => toPlaceholder(decodeJson(bytes, limits)))
}

export function toCircular(value: unknown): Circular {
  if (!isRecord(value) || !isRecord(value.header)) throw new Error('it has no header')
  if (typeof value.body !== 'string') throw new Error('it has no body')
  return { ...value, header: value.header, body: value.body }
}

export function toPlaceholder(value: unknown): Placeholder {
  if (!isRecord(value) || typeof value.url !== 'string') throw new Error('it has no url')
  return { ...value, url: value.url }
}

/** Throws `HANDLER_FAILED` for what is no circular: hop-client refuses to read it. */
export function encodeCircular(value: unknown): Uint8Array {
  const isCircular =
    isRecord(value) &&
    Object.keys(value).toSorted().join() === 'body,header' &&
    isRecord(value.header) &&
    [value.body, ...Object.values(value.header)].every((text) => typeof text === 'string')
  if (isCircular) return encodeJson(value)
  throw notEncodable('a circular', 'it is not {header, body}', 'Return {header: {title, subject, ...}, body}, all text')
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}
