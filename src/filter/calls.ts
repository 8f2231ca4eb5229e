import { reasonOf } from '../contract/errors.ts'
import type { Code, Compile, Frame, Scope } from './code.ts'
import { choose, functions, methods, type Overload, pattern } from './functions.ts'
import { FilterSyntaxError, type Node } from './syntax.ts'
import { fits, kindOf } from './values.ts'

interface Call {
  readonly name: string
  /** With the receiver of a method first. */
  readonly args: readonly Node[]
  readonly isMethod: boolean
  /** Where to point at. */
  readonly offset: number
}

export function call(given: Call, scope: Scope, compile: Compile): Code {
  const { name, args, isMethod, offset } = given
  const table = isMethod ? methods : functions
  const overloads = Object.hasOwn(table, name) ? table[name] : undefined
  if (!overloads) throw unknown(given)
  const codes = args.map((node) => compile(node, scope))
  const kinds = codes.map((code) => code.kind)
  const candidates = choose(overloads, kinds)
  if (candidates.length === 0) {
    throw new FilterSyntaxError(`${name}() does not take (${kinds.join(', ')})`, offset, usage(given, overloads))
  }
  checkPattern(name, args)
  const run = (frame: Frame) => {
    const values = codes.map((code) => code.run(frame))
    return values.some((value) => value === null || value === undefined) ? null : dispatch(candidates, values, name)
  }
  const returns = new Set(candidates.map((candidate) => candidate.returns))
  const kind = returns.size === 1 ? candidates[0]!.returns : 'dyn'
  return args.length > 0 && args.every((node) => node.op === 'value') ? constant(kind, run, offset) : { kind, run }
}

function dispatch(candidates: readonly Overload[], values: readonly unknown[], name: string): unknown {
  const kinds = values.map(kindOf)
  for (const candidate of candidates) {
    if (candidate.params.every((wanted, i) => fits(kinds[i]!, wanted))) return candidate.run(...values)
  }
  throw new TypeError(`${name}() does not take (${kinds.join(', ')})`)
}

/** A call over literals, `timestamp("2024-01-01T00:00:00Z")`, is worked out once, and fails at once. */
function constant(kind: Code['kind'], run: (frame: Frame) => unknown, offset: number): Code {
  const nothing = { topic: '', id: '', partition: undefined, offset: undefined, key: null, headers: [] }
  const message = { ...nothing, publishedAt: undefined, bytes: null, size: 0 }
  try {
    const value = run({ payload: null, record: {}, message, stream: '', locals: [], nulls: 0 })
    return { kind, run: () => value }
  } catch (error) {
    throw new FilterSyntaxError(reasonOf(error).split('\n')[0]!, offset)
  }
}

function checkPattern(name: string, args: readonly Node[]): void {
  const source = args[1]
  if (name !== 'matches' || source?.op !== 'value' || typeof source.args !== 'string') return
  try {
    pattern(source.args)
  } catch (error) {
    throw new FilterSyntaxError(reasonOf(error), source.start)
  }
}

function unknown({ name, isMethod, offset }: Call): FilterSyntaxError {
  const [here, there] = isMethod ? [methods, functions] : [functions, methods]
  const [kind, remedy] = isMethod ? ['method', `Write ${name}(x).`] : ['function', `Write x.${name}(...).`]
  const other = Object.hasOwn(there, name)
  return new FilterSyntaxError(
    `There is no ${kind} ${name}()`,
    offset,
    other ? remedy : `Use one of ${Object.keys(here).join(', ')}.`
  )
}

function usage({ name, isMethod }: Call, overloads: readonly Overload[]): string {
  const forms = overloads.map(({ params }) =>
    isMethod ? `${params[0]}.${name}(${params.slice(1).join(', ')})` : `${name}(${params.join(', ')})`
  )
  return `Write ${forms.join(' or ')}.`
}
