import { toLong } from './long.ts'

declare global {
  interface JSON {
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown
    ): unknown
    rawJSON(text: string): unknown
  }
}

/** Python's own limit; the time to read longer ones grows with the square of their length. */
const MOST_DIGITS = 4300

/**
 * A value from JSON text. Integers are exact: `number` when safe, else `bigint`. The bare words `NaN`, `Infinity` and
 * `-Infinity`, which Python writes, are read as these numbers. Throws `SyntaxError`.
 */
export function parseJson(text: string): unknown {
  try {
    return mayHoldLong.test(text) ? JSON.parse(text, exactNumber) : JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError) || !/NaN|Infinity/.test(text)) throw error
    return parsePythonJson(text)
  }
}

/** Sixteen digits that are not the decimals of a number: integers with fewer are safe. */
const mayHoldLong = /(?:^|[-\s:,[])\d{16}/

function exactNumber(_key: string, value: unknown, { source }: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value
  if (!/^-?\d+$/.test(source)) return value
  if (source.length > MOST_DIGITS) throw new SyntaxError(`an integer of ${source.length} digits`)
  return toLong(BigInt(source))
}

/** Stands for NaN, for which JSON has no literal; the same literal in the text itself is rewritten. */
const NAN = '0e-99999'

/** The last part matches strings that never end as well: else each of their quotes would be tried in turn. */
const tokens = /-?Infinity|NaN|[-+.\deE]+|"[^"\\]*(?:\\.[^"\\]*)*"?/gs

function parsePythonJson(text: string): unknown {
  const strict = text.replace(tokens, (token) => {
    // Spaces, so that `1NaN` does not become a number.
    if (token === 'NaN') return ` ${NAN} `
    if (token === 'Infinity') return ' 1e999 '
    if (token === '-Infinity') return ' -1e999 '
    return token === NAN ? '0' : token
  })
  return JSON.parse(strict, (key, value, context) =>
    context.source === NAN ? Number.NaN : exactNumber(key, value, context)
  )
}

/**
 * JSON text of a value: `bigint` as bare digits, bytes as base64, dates as ISO text, NaN and infinities as null. Throws
 * `TypeError` on a value that JSON has nothing for: a circle, a function.
 */
export function stringifyJson(value: unknown): string {
  const text: string | undefined = JSON.stringify(value, writable)
  if (text === undefined) throw new TypeError(`${typeof value} has no JSON`)
  return text
}

/** `this` holds the value as it was before `toJSON`: a Buffer's is a list of numbers. */
function writable(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return JSON.rawJSON(String(value))
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return base64(value)
  const original = (this as Record<string, unknown>)[key]
  return original instanceof Uint8Array ? base64(original) : value
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
