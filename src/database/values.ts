import { stringifyJson } from '../codecs/json-text.ts'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import { described } from '../contract/options.ts'
import { type ColumnType, type TableName, tableNames, tableOf } from './tables.ts'

/** A value as a database takes it. Times and JSON are text. */
export type Value = string | number | bigint | Uint8Array | null

/** A row of one table: only the columns that were given. */
export interface Row {
  readonly table: TableName
  readonly columns: Readonly<Record<string, Value>>
}

/** Checks a row that somebody made. NaN becomes null. Throws `SINK_REJECTED` with what is wrong and what there is. */
export function rowOf(table: unknown, given: unknown): Row {
  const name = tableNames.find((one) => one === table)
  if (name === undefined) throw refused(`there is no table ${String(table)}; there are ${tableNames.join(', ')}`)
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw refused(`a row of ${name} is a map of its columns, not ${described(given)}`)
  }
  const { columns: types, key } = tableOf(name)
  const columns: Record<string, Value> = {}
  for (const [column, value] of Object.entries(given)) {
    const type = Object.hasOwn(types, column) ? types[column] : undefined
    if (type === undefined) throw refused(`${name} has no column ${column}; it has ${Object.keys(types).join(', ')}`)
    columns[column] = value === undefined || value === null ? null : valueFor(value, type, `${name}.${column}`)
  }
  const missing = key.filter((column) => columns[column] === undefined || columns[column] === null)
  if (missing.length > 0) throw refused(`a row of ${name} needs ${missing.join(' and ')}`)
  return { table: name, columns }
}

function valueFor(value: unknown, type: ColumnType, place: string): Value {
  switch (type) {
    case 'text':
      if (typeof value === 'string') return value
      if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value)
      break
    case 'real':
      if (typeof value === 'bigint') return Number(value)
      if (typeof value === 'number') return Number.isFinite(value) ? value : null
      break
    case 'integer':
      if (Number.isNaN(value)) return null
      if (typeof value === 'bigint' || Number.isSafeInteger(value)) return value as number | bigint
      break
    case 'time':
      if (value instanceof Date || typeof value === 'string') return timeText(new Date(value), place)
      break
    case 'bytes':
      if (value instanceof Uint8Array) return value
      break
    case 'json':
      return jsonText(value, place)
  }
  throw refused(`${place} is ${expected[type]}, not ${described(value)}`)
}

const expected = {
  text: 'a text',
  real: 'a number',
  integer: 'a whole number',
  time: 'a time in UTC',
  bytes: 'bytes'
}

function timeText(time: Date, place: string): string {
  if (Number.isNaN(time.getTime())) throw refused(`${place} is a time, such as 2025-03-02T04:15:03Z`)
  return time.toISOString()
}

function jsonText(value: unknown, place: string): string {
  try {
    return stringifyJson(value)
  } catch (error) {
    throw refused(`${place} cannot be written as JSON: ${reasonOf(error)}`)
  }
}

function refused(reason: string): AlertStreamsError {
  return new AlertStreamsError('SINK_REJECTED', reason)
}
