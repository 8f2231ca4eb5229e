import { stringifyJson } from '../codecs/json-text.ts'

/** Characters of a cell; a list is cut to that. */
const WIDEST = 60

type Cells = ReadonlyMap<string, unknown>

/** Rows as lines for people: one column a field, those of records by their path, numbers to the right. */
export class RowsText {
  #columns: readonly string[] | undefined
  /** As many characters as the first rows have needed. */
  readonly #widths = new Map<string, number>()

  /** With the names above the first rows. */
  linesOf(rows: readonly object[]): string {
    const all = rows.map((row) => new Map(cellsOf(row)))
    if (all.length === 0) return ''
    const isFirst = this.#columns === undefined
    this.#columns ??= [...new Set(all.flatMap((cells) => [...cells.keys()]))]
    for (const column of this.#columns) {
      const widths = all.map((cells) => textOf(cells.get(column)).length)
      this.#widths.set(column, Math.max(this.#widths.get(column) ?? column.length, ...widths))
    }
    const head = new Map(this.#columns.map((column) => [column, column]))
    return (isFirst ? [head, ...all] : all).map((cells) => `${this.#line(cells)}\n`).join('')
  }

  #line(cells: Cells): string {
    const parts = (this.#columns ?? []).map((column) => {
      const value = cells.get(column)
      const width = this.#widths.get(column) ?? 0
      const isNumber = typeof value === 'number' || typeof value === 'bigint'
      return isNumber ? textOf(value).padStart(width) : textOf(value).padEnd(width)
    })
    return parts.join('  ').trimEnd()
  }
}

function cellsOf(row: object, above = ''): (readonly [string, unknown])[] {
  return Object.entries(row).flatMap(([name, value]) =>
    isRecord(value) ? cellsOf(value, `${above}${name}.`) : [[`${above}${name}`, value] as const]
  )
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  const text = typeof value === 'object' ? stringifyJson(value) : String(value)
  // A line break, or a control character that a terminal obeys, has no place in a table.
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
  return line.length > WIDEST ? `${line.slice(0, WIDEST - 1)}…` : line
}
