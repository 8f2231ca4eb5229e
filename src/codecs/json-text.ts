import { checkDepth, type JsonBounds, markWords, restoreWords } from './json-words.ts'

declare global {
  interface JSON {
    rawJSON(text: string): unknown
  }
}

const UNBOUNDED: JsonBounds = { depth: Number.POSITIVE_INFINITY, values: Number.POSITIVE_INFINITY }

/**
 * A value from JSON text. Integers are exact: `number` when safe, else `bigint`. The bare words `NaN`, `Infinity` and
 * `-Infinity`, which Python writes, are read as these numbers. Throws `SyntaxError`, and `Error` beyond the bounds.
 */
export function parseJson(text: string, bounds: JsonBounds = UNBOUNDED): unknown {
  if (mayHoldLong.test(text) || mayHoldTooMany(text, bounds)) return parseMarked(text, bounds)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError) || !/NaN|Infinity/.test(text)) throw error
    return parseMarked(text, bounds)
  }
  if (mayBeTooDeep(text, bounds)) checkDepth(value, bounds)
  return value
}

function parseMarked(text: string, bounds: JsonBounds): unknown {
  const marked = markWords(text, bounds)
  try {
    return restoreWords(JSON.parse(marked))
  } catch (error) {
    // Says what is wrong by the places of the text itself.
    if (error instanceof SyntaxError) JSON.parse(text)
    throw error
  }
}

/** Sixteen digits that are not the decimals of a number: integers with fewer are safe. */
const mayHoldLong = /(?:^|[-\s:,[])\d{16}/

/** Two values have a comma or a bracket between them. */
function mayHoldTooMany(text: string, { values }: JsonBounds): boolean {
  return text.length > 2 * values
}

/** Cheap for most: a level takes a bracket. */
function mayBeTooDeep(text: string, { depth }: JsonBounds): boolean {
  return depth < text.length && brackets(text, '[', depth) + brackets(text, '{', depth) > depth
}

/** How many there are, strings included; it stops beyond `most`. */
function brackets(text: string, bracket: string, most: number): number {
  let count = 0
  for (let at = text.indexOf(bracket); at >= 0 && count <= most; at = text.indexOf(bracket, at + 1)) count++
  return count
}

/**
 * JSON text of a value: `bigint` as bare digits, bytes as base64, dates as ISO text, NaN and infinities as null, a double
 * beyond the safe integers with an exponent, since its digits would be read as an integer. Throws `TypeError` on a value
 * that JSON has nothing for: a circle, a function.
 */
export function stringifyJson(value: unknown): string {
  const text: string | undefined = JSON.stringify(value, writable)
  if (text === undefined) throw new TypeError(`${typeof value} has no JSON`)
  return text
}

/** `this` holds the value as it was before `toJSON`: a Buffer's is a list of numbers. */
function writable(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return JSON.rawJSON(String(value))
  if (typeof value === 'number') return value > SAFE || value < -SAFE ? withExponent(value) : value
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return base64(value)
  const original = (this as Record<string, unknown>)[key]
  return original instanceof Uint8Array ? base64(original) : value
}

const SAFE = Number.MAX_SAFE_INTEGER

function withExponent(value: number): unknown {
  return Number.isInteger(value) ? JSON.rawJSON(value.toExponential()) : value
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
