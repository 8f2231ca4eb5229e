import { recordOf, recordsIn, textIn } from '../google/answers.ts'

/** A column of a table or of an answer, or a field of a record in one. */
export interface Column {
  readonly name: string
  /** Upper-case, under its older name: INTEGER, FLOAT, BOOLEAN, RECORD, or one that has no other. */
  readonly type: string
  readonly repeated: boolean
  readonly required: boolean
  readonly columns: readonly Column[]
}

const OLDER: Readonly<Record<string, string>> = {
  INT64: 'INTEGER',
  FLOAT64: 'FLOAT',
  BOOL: 'BOOLEAN',
  STRUCT: 'RECORD'
}

/** Of a schema as the REST interface and `bq show --schema` write it: `{fields: [...]}`. */
export function columnsOf(schema: unknown): readonly Column[] {
  return recordsIn(recordOf(schema), 'fields').map((field) => {
    const type = textIn(field, 'type')?.toUpperCase() ?? 'STRING'
    const mode = textIn(field, 'mode')?.toUpperCase()
    return {
      name: textIn(field, 'name') ?? '',
      type: OLDER[type] ?? type,
      repeated: mode === 'REPEATED',
      required: mode === 'REQUIRED',
      columns: columnsOf(field)
    }
  })
}

/** The column of a path such as candidate.jd; what lies in a list has no path. */
export function columnAt(columns: readonly Column[], path: string): Column | undefined {
  const [first, ...rest] = path.split('.')
  const column = columns.find(({ name }) => name === first)
  if (column === undefined || rest.length === 0) return column
  return column.repeated ? undefined : columnAt(column.columns, rest.join('.'))
}
