import { stringifyJson } from '../codecs/json-text.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import { described } from '../contract/options.ts'
import type { Column } from './columns.ts'
import { timeText } from './values.ts'

/** A value in the JSON of a row; undefined: there is none. Its path is `above` and `name`: joined only where it is said. */
export type Cell = (value: NonNullable<unknown>, above: string, name: string) => unknown

/**
 * What a column without fields takes, as tabledata.insertAll wants it. Throws `SINK_REJECTED`.
 * - INTEGER: all digits, as text; FLOAT: a number, "NaN", "Infinity", "-Infinity"; NUMERIC: text
 * - BOOLEAN; STRING: numbers and flags too, lists and records as JSON; BYTES: base64; JSON: its text
 * - TIMESTAMP: ISO text as it is; a number is Unix time in s, ms, µs or ns, whichever gives a year before 5138
 * - DATE, DATETIME, TIME and others: text as it is
 */
export function cellOf({ type }: Column): Cell {
  return (
    cells[type] ?? ((value, above, name) => (typeof value === 'string' ? value : refuse(value, above + name, type)))
  )
}

const LARGEST = 2n ** 63n - 1n
/** Nanoseconds since 1970: the end of the year 9999, and of what a TIMESTAMP can be. */
const LATEST = 253_402_300_800e9
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

const cells: Readonly<Record<string, Cell>> = {
  INTEGER(value, above, name) {
    if (Number.isNaN(value)) return undefined
    const isWhole = typeof value === 'bigint' || Number.isInteger(value) || /^-?\d{1,19}$/.test(textIn(value))
    if (!isWhole) return refuse(value, above + name, 'INTEGER')
    const whole = BigInt(value as number | bigint | string)
    return whole <= LARGEST && whole >= -LARGEST - 1n ? String(whole) : refuse(value, above + name, 'INTEGER')
  },
  FLOAT(value, above, name) {
    if (typeof value === 'bigint') return Number(value)
    if (typeof value !== 'number') return refuse(value, above + name, 'FLOAT')
    return Number.isFinite(value) ? value : String(value)
  },
  NUMERIC: (value, above, name) => decimal(value, above + name, 'NUMERIC'),
  BIGNUMERIC: (value, above, name) => decimal(value, above + name, 'BIGNUMERIC'),
  BOOLEAN: (value, above, name) => (typeof value === 'boolean' ? value : refuse(value, above + name, 'BOOLEAN')),
  STRING(value, above, name) {
    if (value instanceof Uint8Array) return refuse(value, above + name, 'STRING')
    if (value instanceof Date) return isoTime(value, above + name, 'STRING')
    return (typeof value === 'object' ? jsonText(value, above + name) : String(value)).toWellFormed()
  },
  BYTES(value, above, name) {
    if (value instanceof Uint8Array) {
      return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
    }
    const text = textIn(value)
    return typeof value === 'string' && text.length % 4 === 0 && BASE64.test(text)
      ? text
      : refuse(value, above + name, 'BYTES')
  },
  JSON: (value, above, name) => jsonText(value, above + name).toWellFormed(),
  TIMESTAMP(value, above, name) {
    if (value instanceof Date) return isoTime(value, above + name, 'TIMESTAMP')
    if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) {
      return Math.abs(Number(value)) < LATEST ? unixTime(value) : notTime(above + name, 'TIMESTAMP')
    }
    return typeof value === 'string' ? value : refuse(value, above + name, 'TIMESTAMP')
  },
  DATE: (value, above, name) => timeOf(value, above + name, 'DATE', (iso) => iso.slice(0, 10)),
  DATETIME: (value, above, name) => timeOf(value, above + name, 'DATETIME', (iso) => iso.slice(0, -1))
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function decimal(value: unknown, path: string, type: string): string {
  const isNumber = typeof value === 'bigint' || Number.isFinite(value) || textIn(value) !== ''
  return isNumber ? String(value) : refuse(value, path, type)
}

function timeOf(value: unknown, path: string, type: string, of: (iso: string) => string): string {
  if (value instanceof Date) return of(isoTime(value, path, type))
  return typeof value === 'string' ? value : refuse(value, path, type)
}

function isoTime(value: Date, path: string, type: string): string {
  return Number.isNaN(value.getTime()) ? notTime(path, type) : value.toISOString()
}

/** Times of alerts are far from 1970 and from the year 5138, so that their units are told apart by their size. */
function unixTime(value: number | bigint): string {
  const size = Math.abs(Number(value))
  if (size >= 1e17) return timeText(String(BigInt(value) / 1000n))
  if (size >= 1e14) return timeText(String(BigInt(Math.round(Number(value)))))
  return timeText(String(Math.round(Number(value) * (size >= 1e11 ? 1e3 : 1e6))))
}

function jsonText(value: unknown, path: string): string {
  try {
    return stringifyJson(value)
  } catch {
    return refuse(value, path, 'JSON')
  }
}

function notTime(path: string, type: string): never {
  throw new AlertStreamsError('SINK_REJECTED', `${path} is a column of ${type}, and the row has no time there`)
}

/** Never with the value, which may be anybody's. */
function refuse(value: unknown, path: string, type: string): never {
  const what = value instanceof Uint8Array ? 'bytes' : described(value)
  throw new AlertStreamsError('SINK_REJECTED', `${path} is a column of ${type}, and the row has ${what} there`)
}
