import { stringifyJson } from '../codecs/json-text.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import { described } from '../contract/options.ts'
import type { Column } from './columns.ts'
import { timeText } from './values.ts'

/** A value in the JSON of a row; undefined: there is none. */
export type Cell = (value: NonNullable<unknown>, path: string) => unknown

/**
 * What a column without fields takes, as tabledata.insertAll wants it. Throws `SINK_REJECTED`.
 * - INTEGER: all digits, as text; FLOAT: a number, "NaN", "Infinity", "-Infinity"; NUMERIC: text
 * - BOOLEAN; STRING: numbers and flags too, lists and records as JSON; BYTES: base64; JSON: its text
 * - TIMESTAMP: ISO text as it is; a number is Unix time in s, ms, µs or ns, whichever gives a year before 5138
 * - DATE, DATETIME, TIME and others: text as it is
 */
export function cellOf({ type }: Column): Cell {
  return cells[type] ?? ((value, path) => (typeof value === 'string' ? value : refuse(value, path, type)))
}

const LARGEST = 2n ** 63n - 1n
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

const cells: Readonly<Record<string, Cell>> = {
  INTEGER(value, path) {
    if (Number.isNaN(value)) return undefined
    const isWhole = typeof value === 'bigint' || Number.isInteger(value) || /^-?\d{1,19}$/.test(textIn(value))
    if (!isWhole) return refuse(value, path, 'INTEGER')
    const whole = BigInt(value as number | bigint | string)
    return whole <= LARGEST && whole >= -LARGEST - 1n ? String(whole) : refuse(value, path, 'INTEGER')
  },
  FLOAT(value, path) {
    if (typeof value === 'bigint') return Number(value)
    if (typeof value !== 'number') return refuse(value, path, 'FLOAT')
    return Number.isFinite(value) ? value : String(value)
  },
  NUMERIC: (value, path) => decimal(value, path, 'NUMERIC'),
  BIGNUMERIC: (value, path) => decimal(value, path, 'BIGNUMERIC'),
  BOOLEAN: (value, path) => (typeof value === 'boolean' ? value : refuse(value, path, 'BOOLEAN')),
  STRING(value, path) {
    if (value instanceof Uint8Array) return refuse(value, path, 'STRING')
    if (value instanceof Date) return value.toISOString()
    return (typeof value === 'object' ? jsonText(value, path) : String(value)).toWellFormed()
  },
  BYTES(value, path) {
    if (value instanceof Uint8Array) {
      return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
    }
    const text = textIn(value)
    return typeof value === 'string' && text.length % 4 === 0 && BASE64.test(text) ? text : refuse(value, path, 'BYTES')
  },
  JSON: (value, path) => jsonText(value, path).toWellFormed(),
  TIMESTAMP(value, path) {
    if (value instanceof Date) return value.toISOString()
    if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) return unixTime(value)
    return typeof value === 'string' ? value : refuse(value, path, 'TIMESTAMP')
  },
  DATE: (value, path) => timeOf(value, path, 'DATE', (iso) => iso.slice(0, 10)),
  DATETIME: (value, path) => timeOf(value, path, 'DATETIME', (iso) => iso.slice(0, -1))
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function decimal(value: unknown, path: string, type: string): string {
  const isNumber = typeof value === 'bigint' || Number.isFinite(value) || textIn(value) !== ''
  return isNumber ? String(value) : refuse(value, path, type)
}

function timeOf(value: unknown, path: string, type: string, of: (iso: string) => string): string {
  if (value instanceof Date) return of(value.toISOString())
  return typeof value === 'string' ? value : refuse(value, path, type)
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

/** Never with the value, which may be anybody's. */
function refuse(value: unknown, path: string, type: string): never {
  const what = value instanceof Uint8Array ? 'bytes' : described(value)
  throw new AlertStreamsError('SINK_REJECTED', `${path} is a column of ${type}, and the row has ${what} there`)
}
