import type { FieldPaths, Message } from './alert.ts'

/** A CEL expression compiled at start. */
export interface Expression {
  readonly source: string
  /** The payload fields that it reads; empty: it reads only the message; undefined: it needs the whole payload. */
  readonly fields: FieldPaths | undefined
  /** Its value over a payload (or a projection of it) and the message. Throws `FILTER_FAILED`. */
  value(payload: unknown, message: Message, stream: string): unknown
}

export interface Filter extends Expression {
  /** The verdict. Null, absent and NaN compare false. Throws `FILTER_FAILED`. */
  passes(payload: unknown, message: Message, stream: string): boolean
  /** How often null decided a comparison. */
  readonly nulls: number
}
