import type { Code } from './code.ts'
import { FilterSyntaxError, type Node } from './syntax.ts'
import { equal, isMissing, isRecord, type Kind, kindOf, order } from './values.ts'

export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in'

type Pair = readonly [left: Node, right: Node]

/**
 * Null, absent and NaN compare false with anything, `!=` included, and are counted. Only a null that is written as the
 * literal looks at null and absent (a NaN is neither). Values of different kinds are not equal; they have no order.
 */
export function comparison(op: ComparisonOperator, nodes: Pair, left: Code, right: Code): Code {
  if (op === '==' || op === '!=') {
    if (isNull(nodes[1])) return isNullCode(op, left)
    if (isNull(nodes[0])) return isNullCode(op, right)
  }
  if (!comparable(op, left.kind, right.kind)) {
    throw new FilterSyntaxError(`${left.kind} ${op} ${right.kind} is not defined`, nodes[0].start)
  }
  if (op === '==' || op === '!=') return equality(op === '==', left, right)
  return op === 'in' ? membership(left, right) : { kind: 'bool', run: ordering(op, left, right) }
}

function isNull(node: Node): boolean {
  return node.op === 'value' && node.args === null
}

function isNullCode(op: '==' | '!=', code: Code): Code {
  return {
    kind: 'bool',
    run: (frame) => {
      const value = code.run(frame)
      return (value === null || value === undefined) === (op === '==')
    }
  }
}

/** False where it can only fail, or never be true. */
function comparable(op: ComparisonOperator, left: Kind, right: Kind): boolean {
  if (op === 'in') return right === 'dyn' || right === 'list' || (right === 'map' && fitsKey(left))
  const a = left === 'int' ? 'double' : left
  const b = right === 'int' ? 'double' : right
  if (a !== b && a !== 'dyn' && b !== 'dyn') return false
  return op === '==' || op === '!=' || [a, b].every((kind) => ORDERED.has(kind))
}

const ORDERED: ReadonlySet<Kind> = new Set(['double', 'string', 'bool', 'timestamp', 'duration', 'dyn'])

function fitsKey(kind: Kind): boolean {
  return kind === 'string' || kind === 'dyn'
}

function ordering(op: '<' | '<=' | '>' | '>=', left: Code, right: Code): Code['run'] {
  const passes = ORDERINGS[op]
  return (frame) => {
    const rank = order(left.run(frame), right.run(frame))
    if (Number.isNaN(rank)) frame.nulls++
    return passes(rank)
  }
}

const ORDERINGS: Readonly<Record<'<' | '<=' | '>' | '>=', (rank: number) => boolean>> = {
  '<': (rank) => rank < 0,
  '<=': (rank) => rank <= 0,
  '>': (rank) => rank > 0,
  '>=': (rank) => rank >= 0
}

function equality(wanted: boolean, left: Code, right: Code): Code {
  return {
    kind: 'bool',
    run: (frame) => {
      const same = equal(left.run(frame), right.run(frame))
      if (same === undefined) frame.nulls++
      return same === wanted
    }
  }
}

function membership(left: Code, right: Code): Code {
  const listed = lookup(right.constant?.value)
  return {
    kind: 'bool',
    run: (frame) => {
      const value = left.run(frame)
      const collection = right.run(frame)
      if (isMissing(value) || isMissing(collection)) {
        frame.nulls++
        return false
      }
      if (listed && LOOKED_UP.has(kindOf(value))) return listed.has(value)
      if (Array.isArray(collection)) return collection.some((item) => equal(value, item) === true)
      if (isRecord(collection)) return typeof value === 'string' && Object.hasOwn(collection, value)
      throw new TypeError(`${kindOf(value)} in ${kindOf(collection)} is not defined`)
    }
  }
}

const LOOKED_UP: ReadonlySet<Kind> = new Set(['string', 'int'])

/** A watch list may have thousands of names or ids. Those are the kinds whose equal values are the same value. */
function lookup(items: unknown): ReadonlySet<unknown> | undefined {
  return Array.isArray(items) && items.every((item) => LOOKED_UP.has(kindOf(item))) ? new Set(items) : undefined
}
