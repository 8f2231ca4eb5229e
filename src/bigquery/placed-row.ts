import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import type { Placed } from '../contract/sink.ts'
import { LARGEST_ROW, type Line } from './insert.ts'
import type { Fields, RowShape } from './row-shape.ts'

/** A row on its way into a table. */
export interface PlacedRow extends Placed {
  readonly record: Fields
  /** Of rows with the same id that come soon after each other BigQuery keeps one. */
  readonly insertId: string
  /** The fields without which it is of no use: where the table has no column for one, the row is refused. */
  readonly needs: 'all' | readonly string[]
  /** In the table, from a write that failed later on. */
  written: boolean
  /** Why it can never be taken, once that is known. */
  refused: string | undefined
}

/** What rows are in a table of that shape. */
export interface Fitted {
  /** Those that fit, as they are sent; the others are `refused`. */
  readonly lines: readonly Line<PlacedRow>[]
  /** The fields of these that there is no column for. */
  readonly leftOut: ReadonlySet<string>
  /** Nothing was left out, and none refused. */
  readonly exactly: boolean
}

export function fitAll(rows: readonly PlacedRow[], shape: RowShape): Fitted {
  const lines: Line<PlacedRow>[] = []
  const leftOut = new Set<string>()
  for (const row of rows) {
    const unknown: string[] = []
    const text = fitOne(row, shape, unknown)
    if (text === undefined) continue
    lines.push({ row, text })
    for (const path of unknown) leftOut.add(path)
  }
  return { lines, leftOut, exactly: leftOut.size === 0 && lines.length === rows.length }
}

/** Undefined: it is `refused`. */
function fitOne(row: PlacedRow, shape: RowShape, unknown: string[]): string | undefined {
  row.refused = undefined
  try {
    const json = shape.fit(row.record, (path) => unknown.push(path))
    const missing = unknown.filter((path) => row.needs === 'all' || row.needs.includes(path))
    const text = JSON.stringify({ insertId: row.insertId, json })
    if (missing.length > 0) row.refused = `the table has no column for ${namesIn(missing)}`
    else if (Buffer.byteLength(text) > LARGEST_ROW) row.refused = 'it is larger than the 10 MB that BigQuery takes'
    return row.refused === undefined ? text : undefined
  } catch (error) {
    // Whatever it is, it is about this row, and the others go on.
    row.refused = error instanceof AlertStreamsError ? error.message : `no row can be made of it: ${reasonOf(error)}`
    return undefined
  }
}

export function namesIn(names: readonly string[]): string {
  const MOST = 40
  const all = [...new Set(names)]
  const more = all.length > MOST ? ` and ${all.length - MOST} more` : ''
  return `${all.slice(0, MOST).join(', ')}${more}`
}
