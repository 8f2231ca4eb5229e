import { parse } from '@marcbachmann/cel-js'
import type { Long } from '../contract/alert.ts'
import { pattern } from './pattern.ts'
import { fits, isNumber, type Kind, toLong, type Values } from './values.ts'

/** One way to call a function; `run` is given arguments of these kinds only, never null. */
export interface Overload {
  /** A method's first one is its receiver. */
  readonly params: readonly Kind[]
  readonly returns: Kind
  run(...args: readonly unknown[]): unknown
}

function overload<const P extends readonly Kind[]>(
  params: P,
  returns: Kind,
  run: (...args: { -readonly [I in keyof P]: Values[P[I]] }) => unknown
): Overload {
  return { params, returns, run: run as Overload['run'] }
}

/** cel-js' own function: `source` is a call over a, b and c. */
function borrowed(params: readonly Kind[], returns: Kind, source: string): Overload {
  const call = parse(source)
  const argument = (value: unknown, kind: Kind | undefined) =>
    kind === 'int' && isNumber(value) ? BigInt(value) : value
  return {
    params,
    returns,
    run: (a, b, c) => {
      const result: unknown = call({
        a: argument(a, params[0]),
        b: argument(b, params[1]),
        c: argument(c, params[2])
      })
      return typeof result === 'bigint' ? toLong(result) : result
    }
  }
}

const size = [
  overload(['string'], 'int', (text) => [...text].length),
  overload(['list'], 'int', (items) => items.length),
  overload(['bytes'], 'int', (bytes) => bytes.length),
  overload(['map'], 'int', (record) => Object.keys(record).length)
]

const int = [
  overload(['double'], 'int', toInt),
  borrowed(['string'], 'int', 'int(a)'),
  overload(['timestamp'], 'int', (time) => Math.floor(time.getTime() / 1000))
]

/** `name(args)` */
export const functions: Readonly<Record<string, readonly Overload[]>> = {
  size,
  int,
  uint: int,
  double: [overload(['double'], 'double', Number), borrowed(['string'], 'double', 'double(a)')],
  bool: [overload(['bool'], 'bool', (value) => value), borrowed(['string'], 'bool', 'bool(a)')],
  string: [
    overload(['string'], 'string', (text) => text),
    overload(['double'], 'string', String),
    overload(['bool'], 'string', String),
    overload(['bytes'], 'string', (bytes) => Buffer.from(bytes).toString('utf8')),
    overload(['timestamp'], 'string', (time) => time.toISOString()),
    overload(['duration'], 'string', String)
  ],
  bytes: [overload(['bytes'], 'bytes', (bytes) => bytes), overload(['string'], 'bytes', (text) => Buffer.from(text))],
  dyn: [overload(['dyn'], 'dyn', (value) => value)],
  timestamp: [
    overload(['timestamp'], 'timestamp', (time) => time),
    borrowed(['int'], 'timestamp', 'timestamp(a)'),
    borrowed(['string'], 'timestamp', 'timestamp(a)')
  ],
  duration: [overload(['duration'], 'duration', (time) => time), borrowed(['string'], 'duration', 'duration(a)')]
}

/** `receiver.name(args)` */
export const methods: Readonly<Record<string, readonly Overload[]>> = {
  size,
  startsWith: [overload(['string', 'string'], 'bool', (text, part) => text.startsWith(part))],
  endsWith: [overload(['string', 'string'], 'bool', (text, part) => text.endsWith(part))],
  contains: [overload(['string', 'string'], 'bool', (text, part) => text.includes(part))],
  matches: [overload(['string', 'string'], 'bool', (text, source) => pattern(source).test(text))],
  lowerAscii: [borrowed(['string'], 'string', 'a.lowerAscii()')],
  upperAscii: [borrowed(['string'], 'string', 'a.upperAscii()')],
  trim: [overload(['string'], 'string', (text) => text.trim())],
  indexOf: [
    borrowed(['string', 'string'], 'int', 'a.indexOf(b)'),
    borrowed(['string', 'string', 'int'], 'int', 'a.indexOf(b, c)')
  ],
  lastIndexOf: [
    borrowed(['string', 'string'], 'int', 'a.lastIndexOf(b)'),
    borrowed(['string', 'string', 'int'], 'int', 'a.lastIndexOf(b, c)')
  ],
  substring: [
    borrowed(['string', 'int'], 'string', 'a.substring(b)'),
    borrowed(['string', 'int', 'int'], 'string', 'a.substring(b, c)')
  ],
  split: [
    borrowed(['string', 'string'], 'list', 'a.split(b)'),
    borrowed(['string', 'string', 'int'], 'list', 'a.split(b, c)')
  ],
  join: [borrowed(['list'], 'string', 'a.join()'), borrowed(['list', 'string'], 'string', 'a.join(b)')],
  getDate: calendar('getDate'),
  getDayOfMonth: calendar('getDayOfMonth'),
  getDayOfWeek: calendar('getDayOfWeek'),
  getDayOfYear: calendar('getDayOfYear'),
  getFullYear: calendar('getFullYear'),
  getMonth: calendar('getMonth'),
  getHours: clock('getHours'),
  getMinutes: clock('getMinutes'),
  getSeconds: clock('getSeconds'),
  getMilliseconds: clock('getMilliseconds')
}

/** Parts of a timestamp, in UTC or in a named time zone. */
function calendar(name: string): Overload[] {
  return [borrowed(['timestamp'], 'int', `a.${name}()`), borrowed(['timestamp', 'string'], 'int', `a.${name}(b)`)]
}

/** The same of a timestamp; of a duration, all of it in that unit. */
function clock(name: string): Overload[] {
  return [...calendar(name), borrowed(['duration'], 'int', `a.${name}()`)]
}

/** The overloads that take arguments of these kinds. */
export function choose(overloads: readonly Overload[], kinds: readonly Kind[]): readonly Overload[] {
  return overloads.filter(
    ({ params }) => params.length === kinds.length && params.every((wanted, i) => fits(kinds[i]!, wanted))
  )
}

function toInt(value: Long): Long | null {
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return value
  if (Number.isNaN(value)) return null
  if (!Number.isFinite(value)) throw new RangeError(`int(${value}) is not defined`)
  return toLong(BigInt(Math.trunc(value)))
}
