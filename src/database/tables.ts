/** What a column holds; `time` is UTC, `json` any value, `text` keeps every digit of an id. */
export type ColumnType = 'text' | 'real' | 'integer' | 'time' | 'json' | 'bytes'

export interface Table {
  /** Rows with the same values in these are one row. */
  readonly key: readonly string[]
  readonly columns: Readonly<Record<string, ColumnType>>
  /** Columns that keep what was written first. */
  readonly kept: readonly string[]
  /** A row is replaced only by one whose value here is no smaller; null says nothing. */
  readonly newestBy?: string
}

/** The tables and their columns, as the newest migration leaves them. docs/database.md says what they mean. */
export const tables = {
  alerts: {
    key: ['stream', 'alert_id'],
    columns: {
      stream: 'text',
      alert_id: 'text',
      topic: 'text',
      object_id: 'text',
      ra: 'real',
      dec: 'real',
      mjd: 'real',
      filter: 'text',
      magnitude: 'real',
      magnitude_error: 'real',
      flux: 'real',
      flux_error: 'real',
      published_at: 'time',
      received_at: 'time',
      payload: 'json',
      bytes: 'bytes'
    },
    kept: ['received_at']
  },
  targets: {
    key: ['name'],
    columns: {
      name: 'text',
      type: 'text',
      ra: 'real',
      dec: 'real',
      epoch: 'real',
      pm_ra: 'real',
      pm_dec: 'real',
      parallax: 'real',
      distance: 'real',
      distance_error: 'real',
      aliases: 'json',
      extra: 'json',
      last_mjd: 'real'
    },
    kept: [],
    newestBy: 'last_mjd'
  },
  photometry: {
    key: ['id'],
    columns: {
      id: 'text',
      target: 'text',
      alert_id: 'text',
      mjd: 'real',
      filter: 'text',
      magnitude: 'real',
      magnitude_error: 'real',
      magnitude_limit: 'real',
      flux: 'real',
      flux_error: 'real',
      sign: 'integer',
      unit: 'text',
      telescope: 'text',
      instrument: 'text',
      source: 'text',
      extra: 'json'
    },
    kept: []
  },
  dead_letters: {
    key: ['stream', 'message_id'],
    columns: {
      stream: 'text',
      message_id: 'text',
      topic: 'text',
      route: 'text',
      code: 'text',
      reason: 'text',
      stack: 'text',
      attempts: 'integer',
      received_at: 'time',
      message: 'json'
    },
    kept: ['received_at']
  }
} as const satisfies Record<string, Table>

export type TableName = keyof typeof tables

/** In this order they are written. */
export const tableNames = Object.keys(tables) as TableName[]

export function tableOf(name: TableName): Table {
  return tables[name]
}
