import type { Rejection } from '../contract/sink.ts'
import type { TableName } from './tables.ts'
import type { Row } from './values.ts'

/** An open connection. Calls follow one another. */
export interface Database {
  /** Statements without values. */
  execute(sql: string): Promise<void>
  /** The one number that a query gives. */
  number(sql: string): Promise<number>
  /** Begins a transaction; one that migrates is alone among all that do. */
  begin(purpose: 'write' | 'migrate'): Promise<void>
  /** Rows of one table with the same columns, no two with the same key; those that are there are brought up to date. */
  upsert(table: TableName, columns: readonly string[], rows: readonly Row[]): Promise<void>
  /** True: the error is about a row; false: about the database. */
  isAboutRow(error: unknown): boolean
}

/** Where the sink writes; all methods throw `SINK_UNAVAILABLE` when the database is at fault. */
export interface DatabaseTarget {
  /** Opens it, and brings its tables up to date. */
  connect(signal: AbortSignal): Promise<void>
  /** The rows of each message, in one transaction. */
  write(messages: readonly (readonly Row[])[], signal: AbortSignal): Promise<readonly Rejection[]>
  close(): Promise<void>
}
