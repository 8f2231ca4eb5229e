import { Duration } from '@marcbachmann/cel-js/evaluator'
import type { Long } from '../contract/alert.ts'

export type CelRecord = Readonly<Record<string, unknown>>

/** CEL's types, and what stands for them here. `dyn`: not known before it runs. */
export interface Values {
  bool: boolean
  /** A safe integer or a bigint: a float field that holds 18.0 is an int too, they look the same. */
  int: Long
  double: Long
  string: string
  bytes: Uint8Array
  list: readonly unknown[]
  map: CelRecord
  timestamp: Date
  duration: Duration
  null: null | undefined
  dyn: unknown
}

export type Kind = keyof Values

export function kindOf(value: unknown): Kind {
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value) ? 'int' : 'double'
    case 'bigint':
      return 'int'
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    case 'undefined':
      return 'null'
  }
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  if (value instanceof Date) return 'timestamp'
  if (value instanceof Duration) return 'duration'
  return value instanceof Uint8Array ? 'bytes' : 'map'
}

export function isRecord(value: unknown): value is CelRecord {
  return typeof value === 'object' && kindOf(value) === 'map'
}

/** True where a value of one kind can be given as the other. */
export function fits(given: Kind, wanted: Kind): boolean {
  return given === wanted || given === 'dyn' || wanted === 'dyn' || (given === 'int' && wanted === 'double')
}

export function isNumber(value: unknown): value is Long {
  return typeof value === 'number' || typeof value === 'bigint'
}

/** Null, absent or NaN: what every comparison answers false for. */
export function isMissing(value: unknown): boolean {
  return value === null || value === undefined || Number.isNaN(value)
}

/** The one representation of an integer: a number when that is exact. */
export function toLong(value: bigint): Long {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** Negative, 0 or positive; NaN where one of them is missing. Throws on kinds without an order. */
export function order(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return rank(a, b)
  if (isMissing(a) || isMissing(b)) return Number.NaN
  if (isNumber(a) && isNumber(b)) return rank(a, b)
  if (typeof a === 'string' && typeof b === 'string') return rank(a, b)
  if (typeof a === 'boolean' && typeof b === 'boolean') return rank(Number(a), Number(b))
  if (a instanceof Date && b instanceof Date) return rank(a.getTime(), b.getTime())
  if (a instanceof Duration && b instanceof Duration) return rank(a.valueOf(), b.valueOf())
  throw new TypeError(`${kindOf(a)} and ${kindOf(b)} have no order`)
}

/** JavaScript's < is exact between numbers and bigints. */
function rank(a: Long | string, b: Long | string): number {
  if (a < b) return -1
  if (a > b) return 1
  return a === b || (typeof a !== typeof b && a >= b && a <= b) ? 0 : Number.NaN
}

/** Undefined where a missing value decides: two lists that differ nowhere else but hold a NaN, for example. */
export function equal(a: unknown, b: unknown): boolean | undefined {
  if (isMissing(a) || isMissing(b)) return undefined
  if (a === b && typeof a !== 'object') return true
  if (isNumber(a) && isNumber(b)) return rank(a, b) === 0
  const kind = kindOf(a)
  if (kind !== kindOf(b) || typeof a !== 'object') return false
  if (a instanceof Date && b instanceof Date) return equal(a.getTime(), b.getTime())
  if (a instanceof Duration && b instanceof Duration) return a.seconds === b.seconds && a.nanos === b.nanos
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && allEqual(a.map((item, i) => [item, b[i]]))
  }
  const left = a as CelRecord
  const right = b as CelRecord
  const keys = Object.keys(left)
  if (keys.length !== Object.keys(right).length || !keys.every((key) => Object.hasOwn(right, key))) return false
  return allEqual(keys.map((key) => [left[key], right[key]]))
}

function allEqual(pairs: readonly (readonly [unknown, unknown])[]): boolean | undefined {
  let verdict: boolean | undefined = true
  for (const [a, b] of pairs) {
    const same = equal(a, b)
    if (same === false) return false
    if (same === undefined) verdict = undefined
  }
  return verdict
}
