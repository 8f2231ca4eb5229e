import { reasonOf } from '../contract/errors.ts'
import { type Code, type Compile, constant, type Scope } from './code.ts'
import { choose, functions, methods, type Overload } from './functions.ts'
import { macros } from './macros.ts'
import { pattern } from './pattern.ts'
import { FilterSyntaxError, type Node } from './syntax.ts'
import { fits, type Kind, kindOf } from './values.ts'

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
  const returns = new Set(candidates.map((candidate) => candidate.returns))
  const kind = returns.size === 1 ? candidates[0]!.returns : 'dyn'
  const known = codes.flatMap((code) => (code.constant ? [code.constant.value] : []))
  if (known.length === codes.length) return worked(kind, () => dispatch(candidates, known, name), offset)
  return {
    kind,
    run: (frame) =>
      dispatch(
        candidates,
        codes.map((code) => code.run(frame)),
        name
      )
  }
}

/** A call over literals, `timestamp("2024-01-01T00:00:00Z")`, is worked out once, and fails at once. */
function worked(kind: Kind, run: () => unknown, offset: number): Code {
  try {
    return constant(kind, run())
  } catch (error) {
    throw new FilterSyntaxError(reasonOf(error).split('\n')[0]!, offset)
  }
}

function dispatch(candidates: readonly Overload[], values: readonly unknown[], name: string): unknown {
  if (values.some((value) => value === null || value === undefined)) return null
  const kinds = values.map(kindOf)
  for (const candidate of candidates) {
    if (candidate.params.every((wanted, i) => fits(kinds[i]!, wanted))) return candidate.run(...values)
  }
  throw new TypeError(`${name}() does not take (${kinds.join(', ')})`)
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
  if (isMethod && `${name}/2` in macros) {
    const remedy = `Write list.${name}(x, x.magpsf < 18.0), for example.`
    return new FilterSyntaxError(`${name}() needs a variable and what to do with it`, offset, remedy)
  }
  if (name === 'has')
    return new FilterSyntaxError('has() takes one field', offset, 'Write has(candidate.drb), for example.')
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
