import { parseJson } from '../codecs/json-text.ts'
import { toLong } from '../codecs/long.ts'
import { recordOf } from '../google/answers.ts'
import { type Column, columnsOf } from './columns.ts'

export type Row = Readonly<Record<string, unknown>>

type Reader = (value: unknown) => unknown

/**
 * Reads rows as BigQuery's REST interface writes them (`{f: [{v: ...}]}`, all scalars text) into records:
 * - INT64: exact, `number` when safe, else `bigint`; FLOAT64: number, NaN and infinities included; BOOL: boolean
 * - NUMERIC, BIGNUMERIC: text, since a number would lose digits
 * - TIMESTAMP: ISO text with microseconds, UTC; DATE, TIME, DATETIME, INTERVAL, RANGE, GEOGRAPHY: text as it comes
 * - BYTES: base64 text; JSON: the value; STRUCT: a record; ARRAY: a list, which is never null
 */
export function rowReader(schema: unknown): (row: unknown) => Row {
  return recordReader(columnsOf(schema))
}

function recordReader(columns: readonly Column[]): (row: unknown) => Row {
  const readers = columns.map((column) => [column.name, readerOf(column)] as const)
  return (row) => {
    const cells = listOf(recordOf(row)?.f)
    return Object.fromEntries(readers.map(([name, read], i) => [name, read(recordOf(cells[i])?.v ?? null)]))
  }
}

function readerOf(column: Column): Reader {
  const one = unlessNull(column.type === 'RECORD' ? recordReader(column.columns) : scalar(column.type))
  if (!column.repeated) return one
  return (value) => listOf(value).map((item) => one(recordOf(item)?.v ?? null))
}

function unlessNull(read: Reader): Reader {
  return (value) => (value === null ? null : read(value))
}

function scalar(type: string): Reader {
  switch (type) {
    case 'INTEGER':
      return (value) => toLong(BigInt(String(value)))
    case 'FLOAT':
      return (value) => Number(value)
    case 'BOOLEAN':
      return (value) => String(value).toLowerCase() === 'true'
    case 'TIMESTAMP':
      return (value) => timeText(String(value))
    case 'JSON':
      return (value) => (typeof value === 'string' ? parseJson(value) : value)
    default:
      return (value) => String(value)
  }
}

/** Microseconds since 1970 as ISO text; older servers give seconds as a floating number. */
export function timeText(given: string): string {
  const micros = /^-?\d+$/.test(given) ? BigInt(given) : BigInt(Math.round(Number(given) * 1e6))
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const seconds = Number((micros - fraction) / 1_000_000n)
  return `${new Date(seconds * 1000).toISOString().slice(0, -5)}.${String(fraction).padStart(6, '0')}Z`
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
