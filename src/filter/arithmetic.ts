import { Duration } from '@marcbachmann/cel-js/evaluator'
import type { Long } from '../contract/alert.ts'
import { isNumber, type Kind, kindOf, toLong } from './values.ts'

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%'

type Signature = readonly [left: Kind, right: Kind, result: Kind]

const NUMBERS: readonly Signature[] = [
  ['int', 'int', 'int'],
  ['int', 'double', 'double'],
  ['double', 'int', 'double'],
  ['double', 'double', 'double']
]

const SIGNATURES: Readonly<Record<ArithmeticOperator, readonly Signature[]>> = {
  '+': [
    ...NUMBERS,
    ['string', 'string', 'string'],
    ['list', 'list', 'list'],
    ['timestamp', 'duration', 'timestamp'],
    ['duration', 'timestamp', 'timestamp'],
    ['duration', 'duration', 'duration']
  ],
  '-': [
    ...NUMBERS,
    ['timestamp', 'timestamp', 'duration'],
    ['timestamp', 'duration', 'timestamp'],
    ['duration', 'duration', 'duration']
  ],
  '*': NUMBERS,
  '/': NUMBERS,
  '%': NUMBERS
}

/** What an operator gives for what is known of its operands before it runs; undefined: it can only fail. */
export function arithmeticKind(op: ArithmeticOperator, left: Kind, right: Kind): Kind | undefined {
  const known = SIGNATURES[op].filter(([l, r]) => (left === 'dyn' || left === l) && (right === 'dyn' || right === r))
  return left === 'dyn' || right === 'dyn' ? known[0] && 'dyn' : known[0]?.[2]
}

const DOUBLES: Readonly<Record<ArithmeticOperator, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b
}

const INTS: Readonly<Record<ArithmeticOperator, (a: bigint, b: bigint) => bigint>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b
}

/**
 * Operators over values. Null and absent give null. Integers are exact over 64 bits and go on as doubles beyond.
 * `/` is the division of doubles, so that `fid / 2` and `magpsf / 2` need no thought (18.0 and 18 look the same
 * here); only where both sides are ints as written (`7 / 2`, `size(x) / 2`, `int(candid) / 1000`: pass `whole`) it is
 * CEL's integer division, exact and rounded towards 0.
 */
export function arithmetic(op: ArithmeticOperator, whole: boolean): (a: unknown, b: unknown) => unknown {
  const doubles = DOUBLES[op]
  const exact = INTS[op]
  const divides = op === '%' || (op === '/' && whole)

  function numbers(a: Long, b: Long): Long {
    if (divides && Number(b) === 0) throw new RangeError(`${op} by zero`)
    if (op === '/' && !whole) return Number(a) / Number(b)
    if (typeof a === 'number' && typeof b === 'number') {
      const result = op === '/' ? (a - (a % b)) / b : doubles(a, b)
      if (Math.abs(result) <= Number.MAX_SAFE_INTEGER) return result
    }
    if (!isInt(a) || !isInt(b)) return doubles(Number(a), Number(b))
    const result = exact(BigInt(a), BigInt(b))
    return BigInt.asIntN(64, result) === result ? toLong(result) : Number(result)
  }

  return (a, b) => {
    if (a === null || a === undefined || b === null || b === undefined) return null
    if (isNumber(a) && isNumber(b)) return numbers(a, b)
    const other = op === '+' ? add(a, b) : op === '-' ? subtract(a, b) : undefined
    if (other === undefined) throw new TypeError(`${kindOf(a)} ${op} ${kindOf(b)} is not defined`)
    return other
  }
}

export function negate(value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (typeof value === 'number') return -value
  if (typeof value === 'bigint') return toLong(-value)
  throw new TypeError(`-${kindOf(value)} is not defined`)
}

function isInt(value: Long): boolean {
  return typeof value === 'bigint' || Number.isSafeInteger(value)
}

function add(a: unknown, b: unknown): unknown {
  if (typeof a === 'string' && typeof b === 'string') return a + b
  if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b]
  if (a instanceof Date && b instanceof Duration) return b.extendTimestamp(a)
  if (a instanceof Duration && b instanceof Date) return a.extendTimestamp(b)
  if (a instanceof Duration && b instanceof Duration) return a.addDuration(b)
  return undefined
}

function subtract(a: unknown, b: unknown): unknown {
  if (a instanceof Date && b instanceof Date) return Duration.fromMilliseconds(a.getTime() - b.getTime())
  if (a instanceof Date && b instanceof Duration) return b.subtractTimestamp(a)
  if (a instanceof Duration && b instanceof Duration) return a.subtractDuration(b)
  return undefined
}
