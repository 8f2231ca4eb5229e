import { AlertStreamsError } from '../contract/errors.ts'
import { cellOf } from './cells.ts'
import type { Column } from './columns.ts'

export type Fields = Readonly<Record<string, unknown>>

/** Hears of the path of a field. */
type Hear = (path: string) => void
/** As a `Cell`, which joins no path that nobody is told. */
type Fill = (value: NonNullable<unknown>, above: string, name: string, unknown: Hear) => unknown

/**
 * What rows of a table look like. A field of a record goes into the column of its name: a record into a RECORD, a list
 * into a REPEATED one. Where there is none, it is looked for under the joined name: candidate.magpsf in
 * candidate_magpsf; prv_candidates_jd is the list of the jd of all previous candidates.
 */
export class RowShape {
  readonly #fills: ReadonlyMap<string, Fill>
  readonly #required: readonly string[]
  /** candidate, of candidate_magpsf: what is taken apart. */
  readonly #parts: ReadonlySet<string>

  constructor(columns: readonly Column[]) {
    this.#fills = new Map(columns.map((column) => [column.name, fillOf(column)]))
    this.#required = columns.filter(({ required }) => required).map(({ name }) => name)
    this.#parts = new Set(columns.flatMap(({ name }) => beginningsOf(name)))
  }

  /**
   * The JSON of a row, without what is null. `unknown` hears of each field that has a value and no column, but for
   * cut-outs and other bytes. Throws `SINK_REJECTED` for what does not fit.
   */
  fit(record: Fields, unknown: Hear, above = ''): Fields {
    const row: Record<string, unknown> = {}
    this.#take(record, above, '', row, unknown)
    const missing = this.#required.filter((name) => row[name] === undefined)
    if (missing.length === 0) return row
    throw refused(`the table needs ${missing.map((name) => above + name).join(', ')}, which the row does not have`)
  }

  #take(record: Fields, above: string, joined: string, row: Record<string, unknown>, unknown: Hear): void {
    for (const [name, value] of Object.entries(record)) {
      if (value === null || value === undefined) continue
      const column = joined === '' ? name : joined + name
      const fill = this.#fills.get(column)
      const parts = fill === undefined && this.#parts.has(column) ? partsOf(value) : undefined
      if (fill !== undefined) row[column] = fill(value, above, name, unknown)
      else if (parts !== undefined) this.#take(parts, `${above}${name}.`, `${column}_`, row, unknown)
      else if (!isCutout(name, value)) unknown(above + name)
    }
  }
}

function fillOf(column: Column): Fill {
  const one = column.type === 'RECORD' ? recordFill(column.columns) : cellOf(column)
  return column.repeated ? listFill(one, column) : one
}

function recordFill(columns: readonly Column[]): Fill {
  const shape = new RowShape(columns)
  return (value, above, name, unknown) => {
    if (isRecord(value)) return shape.fit(value, unknown, `${above}${name}.`)
    throw refused(`${above}${name} is a column of RECORD, and the row has none there`)
  }
}

/** BigQuery has no null in a list. */
function listFill(one: Fill, { type }: Column): Fill {
  return (value, above, name, unknown) => {
    if (!Array.isArray(value)) throw refused(`${above}${name} is a column of lists, and the row has none there`)
    return value.map((item: unknown) => {
      const cell = item === null || item === undefined ? undefined : one(item, above, name, unknown)
      if (cell !== undefined) return cell
      // Lists of the same measurements stay as long as each other.
      if (type === 'FLOAT') return 'NaN'
      throw refused(`${above}${name} is a list with null in it, which BigQuery has for no ${type}`)
    })
  }
}

/** Records are taken apart, lists of records into lists of each of their fields. */
function partsOf(value: unknown): Fields | undefined {
  if (isRecord(value)) return value
  if (!Array.isArray(value) || value.length === 0 || !value.every(isRecord)) return undefined
  const records: readonly Fields[] = value
  const names = new Set(records.flatMap((record) => Object.keys(record)))
  return Object.fromEntries([...names].map((name) => [name, records.map((record) => record[name])]))
}

/** prv and prv_candidates, of prv_candidates_jd. */
function beginningsOf(name: string): readonly string[] {
  const words = name.split('_')
  return words.slice(1).map((_, index) => words.slice(0, index + 1).join('_'))
}

/** In JSON they are text, and known by their name. */
function isCutout(name: string, value: unknown): boolean {
  if (value instanceof Uint8Array || /^cutout/i.test(name)) return true
  return isRecord(value) && Object.values(value).some((part) => part instanceof Uint8Array)
}

function isRecord(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null) return false
  return !Array.isArray(value) && !(value instanceof Uint8Array) && !(value instanceof Date)
}

function refused(reason: string): AlertStreamsError {
  return new AlertStreamsError('SINK_REJECTED', reason)
}
