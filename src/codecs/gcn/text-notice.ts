import { isUtf8 } from 'node:buffer'
import { decoding, notEncodable } from '../failure.ts'
import { type Limits, usualLimits } from '../limits.ts'
import { setField } from './field.ts'
import { linesOf, strip, stripStart } from './python-text.ts'

/**
 * The fields of a notice in plain text by their names in lower case, as hop-client tells them apart: `trigger_num`,
 * `src_ra`, `comments`. Values are the text behind the colon, units and all; a field that goes on over several lines, or
 * is repeated, has line breaks in it. A line with a colon always starts a field.
 */
export type TextNotice = Readonly<Record<string, string>>

/** Throws `DECODE_FAILED` on bytes that are no UTF-8, unless `lenient`: then those are replaced. */
export function decodeTextNotice(
  bytes: Uint8Array,
  limits: Limits = usualLimits,
  invalid: 'strict' | 'lenient' = 'strict'
): TextNotice {
  return decoding('GCN text notice', () => {
    if (invalid === 'strict' && !isUtf8(bytes)) throw new Error('the bytes are not UTF-8')
    return readFields(new TextDecoder().decode(bytes), limits)
  })
}

/** Hundreds of times what notices have: each costs several hundred bytes while it is read. */
const MOST_LINES = 100_000

function readFields(text: string, limits: Limits): TextNotice {
  const fields: Record<string, string> = {}
  let name: string | undefined
  const most = Math.min(limits.values, MOST_LINES)
  let lines = 0
  const add = (line: string) => {
    if (name !== undefined) setField(fields, name, Object.hasOwn(fields, name) ? `${fields[name]}\n${line}` : line)
  }
  for (const line of linesOf(strip(text))) {
    if (++lines > most) throw new Error(`it has more than ${most} lines`)
    const colon = line.indexOf(':')
    if (colon === -1) {
      add(stripStart(line))
    } else {
      name = strip(line.slice(0, colon)).toLowerCase()
      add(strip(line.slice(colon + 1)))
    }
  }
  return fields
}

/** Where values begin in the notices that GCN writes. */
const COLUMN = 18

/**
 * A notice, given as text or bytes (left as they are) or as its fields, which are read back as they were but for white
 * space at the ends of lines. Throws `HANDLER_FAILED`.
 */
export function encodeTextNotice(value: unknown): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value)
  if (value instanceof Uint8Array) {
    if (!isUtf8(value)) throw notWritable('the bytes are not UTF-8')
    return value
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw notWritable('it is no record')
  return Buffer.from(Object.entries(value).map(writeField).join(''))
}

function writeField([name, value]: [string, unknown]): string {
  if (name.includes(':') || [...linesOf(`${name}\n`)].length !== 1)
    throw notWritable(`${JSON.stringify(name)} is no field's name`)
  if (!['string', 'number', 'bigint', 'boolean'].includes(typeof value))
    throw notWritable(`${name} is neither text nor a number`)
  const label = `${name.toUpperCase()}:`.padEnd(COLUMN - 1)
  const [first, ...more] = linesOf(`${value}\n`)
  // A colon would begin another field, and empty lines at the end of the notice are dropped.
  const next = more.map((line) =>
    line.includes(':') || strip(line) === '' ? `${label} ${line}` : ' '.repeat(COLUMN) + line
  )
  return [`${label} ${first}`, ...next].map((line) => `${line}\n`).join('')
}

function notWritable(reason: string): Error {
  return notEncodable('a GCN text notice', reason, 'Return its text, or a record of its fields')
}
