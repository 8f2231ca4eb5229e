import type { FieldPaths } from '../contract/alert.ts'
import { macros } from './macros.ts'
import type { Node } from './syntax.ts'

type Path = readonly string[]

/** A macro's variable: where its items come from, and whether the body reads them at all. */
interface Variable {
  readonly from: readonly Path[]
  used: boolean
}

type Scope = ReadonlyMap<string, Variable>

/**
 * The payload fields that an expression reads, none of them below another; undefined: all of it. A path names the whole
 * subtree below it and goes through lists: `prv_candidates.exists(p, p.magpsf < 18.0)` reads prv_candidates.magpsf.
 */
export function readFields(root: Node): FieldPaths | undefined {
  const read: Path[] = []

  function use(node: Node, scope: Scope): void {
    read.push(...origin(node, scope))
  }

  /** The paths whose value a node passes on; all else that it reads goes to `read`. */
  function origin(node: Node, scope: Scope): readonly Path[] {
    switch (node.op) {
      case 'value':
        return []
      case 'id': {
        const variable = scope.get(node.args)
        if (variable) variable.used = true
        return variable?.from ?? (node.args === 'payload' ? [[]] : node.args === 'msg' ? [] : [[node.args]])
      }
      case '.':
        return below(origin(node.args[0], scope), node.args[1])
      case '[]': {
        const [left, index] = node.args
        const from = origin(left, scope)
        if (index.op === 'value') {
          return typeof index.args === 'string' ? below(from, index.args) : from
        }
        // A computed index can be a name, and then any field is read.
        read.push(...from)
        use(index, scope)
        return []
      }
      case '?:':
        use(node.args[0], scope)
        return [...origin(node.args[1], scope), ...origin(node.args[2], scope)]
      case 'call':
        for (const argument of node.args[1]) use(argument, scope)
        return []
      case 'rcall':
        return method(node.args, scope)
      case 'list':
        for (const item of node.args) use(item, scope)
        return []
      case 'map':
        for (const entry of node.args) for (const part of entry) use(part, scope)
        return []
      case '!_':
      case '-_':
        use(node.args, scope)
        return []
      case '.?':
      case '[?]':
        use(node.args[0], scope)
        return []
      default:
        for (const operand of node.args) use(operand, scope)
        return []
    }
  }

  function method([name, receiver, args]: [string, Node, Node[]], scope: Scope): readonly Path[] {
    const from = origin(receiver, scope)
    const [first, ...body] = args
    if (!(`${name}/${args.length}` in macros) || first?.op !== 'id') {
      read.push(...from)
      for (const argument of args) use(argument, scope)
      return []
    }
    const variable: Variable = { from, used: false }
    const inner = new Map(scope).set(first.args, variable)
    for (const part of body) use(part, inner)
    // filter passes the items on; a body that never looks at them still goes by their number.
    if (name === 'filter' || !variable.used) read.push(...from)
    return []
  }

  use(root, new Map())
  return outermost(read)
}

function below(paths: readonly Path[], name: string): readonly Path[] {
  return paths.map((path) => [...path, name])
}

function outermost(paths: readonly Path[]): FieldPaths | undefined {
  if (paths.some((path) => path.length === 0)) return undefined
  const startsWith = (path: Path, start: Path) => start.every((name, i) => path[i] === name)
  return paths.filter(
    (path, i) => !paths.some((other, j) => i !== j && startsWith(path, other) && (other.length < path.length || j < i))
  )
}
