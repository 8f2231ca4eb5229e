import { type Code, type Compile, expectBool, type Frame, type Scope, truth } from './code.ts'
import { FilterSyntaxError, type Node } from './syntax.ts'
import { kindOf } from './values.ts'

/** Goes over the items; `body` gives the value of a macro's nth argument for the present item. */
type Macro = (items: readonly unknown[], body: (item: unknown, nth: number) => unknown, frame: Frame) => unknown

interface Declaration {
  /** Which arguments behind the variable are conditions. */
  readonly conditions: readonly number[]
  readonly kind: 'bool' | 'list'
  readonly run: Macro
}

const keep: Macro = (items, body, frame) => items.filter((item) => truth(body(item, 0), frame))

/** By name and number of arguments, the variable included. */
export const macros: Readonly<Record<string, Declaration>> = {
  'exists/2': {
    kind: 'bool',
    conditions: [0],
    run: (items, body, frame) => items.some((item) => truth(body(item, 0), frame))
  },
  'exists_one/2': {
    kind: 'bool',
    conditions: [0],
    run: (items, body, frame) => items.filter((item) => truth(body(item, 0), frame)).length === 1
  },
  'all/2': {
    kind: 'bool',
    conditions: [0],
    run: (items, body, frame) => items.every((item) => truth(body(item, 0), frame))
  },
  'filter/2': { kind: 'list', conditions: [0], run: keep },
  'map/2': {
    kind: 'list',
    conditions: [],
    run: (items, body) => items.map((item) => body(item, 0) ?? null)
  },
  'map/3': {
    kind: 'list',
    conditions: [0],
    run: (items, body, frame) => items.flatMap((item) => (truth(body(item, 0), frame) ? [body(item, 1) ?? null] : []))
  }
}

/** `list.exists(x, condition)` and its kin; undefined where there is no such macro. Over null it gives null. */
export function macro(
  [name, from, args]: readonly [string, Node, readonly Node[]],
  scope: Scope,
  compile: Compile
): Code | undefined {
  const found = macros[`${name}/${args.length}`]
  const [first, ...rest] = args
  if (!found || first?.op !== 'id') return undefined
  const list = compile(from, scope)
  if (list.kind !== 'dyn' && list.kind !== 'list') {
    throw new FilterSyntaxError(`${name}() goes over a list, not ${list.kind}`, from.start)
  }
  const slot = scope.depth
  const inner = { slots: new Map(scope.slots).set(first.args, slot), depth: slot + 1 }
  const bodies = rest.map((node, i) => {
    const code = compile(node, inner)
    return found.conditions.includes(i) ? expectBool(code, node, `The condition of ${name}()`) : code
  })
  return {
    kind: found.kind,
    run: (frame) => {
      const items = list.run(frame)
      if (items === null || items === undefined) return null
      if (!Array.isArray(items)) throw new TypeError(`${name}() goes over a list, not ${kindOf(items)}`)
      const body = (item: unknown, nth: number) => {
        frame.locals[slot] = item
        return bodies[nth]!.run(frame)
      }
      return found.run(items, body, frame)
    }
  }
}
