import type { Message } from '../contract/alert.ts'
import { FilterSyntaxError, type Node } from './syntax.ts'
import { type CelRecord, isMissing, type Kind, kindOf } from './values.ts'

/** One evaluation: what it reads, and what it notes down. */
export interface Frame {
  readonly payload: unknown
  /** The payload where it is a record, else an empty one: the variables. */
  readonly record: CelRecord
  readonly message: Message
  readonly stream: string
  /** The macros' variables, the outermost first. */
  readonly locals: unknown[]
  /** How often null, absent or NaN decided so far. */
  nulls: number
}

/** A compiled node: what is known of its value (null is always possible too), and how to get it. */
export interface Code {
  readonly kind: Kind
  run(frame: Frame): unknown
  /** Where it is the same for every alert. */
  readonly constant?: { readonly value: unknown }
}

export function constant(kind: Kind, value: unknown): Code {
  return { kind, run: () => value, constant: { value } }
}

/** The macros' variables in reach, each with its place in `Frame.locals`. */
export interface Scope {
  readonly slots: ReadonlyMap<string, number>
  /** How many macros are open. */
  readonly depth: number
}

export type Compile = (node: Node, scope: Scope) => Code

/** A bool operand; null, absent and NaN are false. */
export function truth(value: unknown, frame: Frame): boolean {
  if (value === true || value === false) return value
  if (!isMissing(value)) throw new TypeError(`a bool is needed, not ${kindOf(value)}`)
  frame.nulls++
  return false
}

/** Refuses what is surely no bool. */
export function expectBool(code: Code, node: Node, where: string): Code {
  if (code.kind === 'bool' || code.kind === 'dyn') return code
  throw new FilterSyntaxError(`${where} needs a bool, not ${code.kind}`, node.start)
}
