import { callOf } from './calls.ts'
import { formatStringOf, numberOf, stringOf } from './literals.ts'
import type { Names } from './names.ts'
import { reference } from './names.ts'
import { joined, operation, unary } from './operators.ts'
import { childrenOf, itemsOf, type Source, type SyntaxNode, splitAt } from './syntax.ts'
import {
  asText,
  because,
  dictOf,
  entryOf,
  extend,
  listOf,
  mergeInto,
  plainOf,
  setEntry,
  textOf,
  truth,
  unknown,
  type Value
} from './value.ts'

/** Deeper nesting than this is no configuration. */
const DEEPEST = 200

/** What expressions stand for. Nothing is executed: what cannot be told is an Unknown that says why. */
export class Expressions {
  readonly source: Source
  readonly names: Names
  #depth = 0

  constructor(source: Source, names: Names) {
    this.source = source
    this.names = names
  }

  evaluate(node: SyntaxNode): Value {
    if (this.#depth > DEEPEST) return this.unknown(node, 'it is nested too deeply')
    this.#depth += 1
    try {
      return this.#evaluate(node)
    } finally {
      this.#depth -= 1
    }
  }

  unknown(node: SyntaxNode, reason: string): Value {
    return unknown(this.source.lineOf(node), reason)
  }

  /** Of several nodes: one expression, or those of a tuple without brackets. */
  evaluateAll(nodes: readonly SyntaxNode[]): Value {
    const [first, ...others] = nodes
    if (first === undefined || others.length === 0) return first ? this.evaluate(first) : unknown(0, 'it is nothing')
    return this.#list(
      first,
      splitAt(nodes, ',').filter((item) => item.length > 0)
    )
  }

  #evaluate(node: SyntaxNode): Value {
    const line = this.source.lineOf(node)
    const children = childrenOf(node)
    switch (node.name) {
      case 'String':
        return stringOf(node, this)
      case 'FormatString':
        return formatStringOf(node, this)
      case 'ContinuedString':
        return joined(
          line,
          children.map((child) => this.evaluate(child))
        )
      case 'Number':
        return numberOf(node, this)
      case 'Boolean':
        return plainOf(line, this.source.textOf(node) === 'True')
      case 'None':
        return plainOf(line, null)
      case 'ArrayExpression':
      case 'TupleExpression':
      case 'SetExpression':
        return this.#list(node, itemsOf(node))
      case 'DictionaryExpression':
        return this.#dict(node)
      case 'ParenthesizedExpression':
        return this.evaluate(children[1] ?? node)
      case 'VariableName':
        return this.names.use(this.source.textOf(node), line)
      case 'MemberExpression':
        return this.#member(node)
      case 'CallExpression':
        return callOf(node, this)
      case 'UnaryExpression':
        return unary(line, this.source.textOf(children[0]!), this.evaluate(children[1]!))
      case 'BinaryExpression':
        return this.#binary(line, children)
      case 'ConditionalExpression':
        return this.#conditional(node, children)
      default:
        return this.unknown(node, KINDS[node.name] ?? 'it is no literal')
    }
  }

  #list(node: SyntaxNode, items: readonly (readonly SyntaxNode[])[]): Value {
    const list = listOf(this.source.lineOf(node), [])
    for (const item of items) {
      const value = this.evaluate(item.at(-1)!)
      if (item[0]!.name === '*') extend(list, value)
      else list.items.push(value)
    }
    return list
  }

  #dict(node: SyntaxNode): Value {
    const dict = dictOf(this.source.lineOf(node))
    for (const item of itemsOf(node)) {
      if (item[0]!.name === '**') mergeInto(dict, this.evaluate(item.at(-1)!))
      else setEntry(dict, this.evaluate(item[0]!), this.evaluate(item.at(-1)!))
    }
    return dict
  }

  #member(node: SyntaxNode): Value {
    const [object, opening, ...rest] = childrenOf(node)
    const value = this.evaluate(object!)
    const line = this.source.lineOf(node)
    const inner = rest[0]
    if (inner === undefined) return this.unknown(node, 'it is not complete')
    if (opening!.name === '.') {
      if (value.kind !== 'reference') return this.unknown(node, `.${this.source.textOf(inner)} is not known here`)
      return reference(line, `${value.path}.${this.source.textOf(inner)}`, value.what)
    }
    const key = this.evaluate(inner)
    const name = asText(key)?.parts
    if (value.kind === 'reference' && value.path === 'os.environ' && name?.length === 1 && typeof name[0] === 'string')
      return textOf(line, { name: name[0], fallback: undefined })
    const found = value.kind === 'dict' ? entryOf(value, key) : undefined
    if (found !== undefined) return found
    if (value.kind === 'list' && key.kind === 'plain') {
      const item = value.items.at(Number(key.value))
      if (item !== undefined) return item
    }
    return this.unknown(node, `a part of something that is not known is taken${because(value)}`)
  }

  /** Without brackets, `a or b or c` is a tree of pairs. */
  #binary(line: number, children: readonly SyntaxNode[]): Value {
    const [left, ...middle] = children
    const right = middle.pop()!
    const operator = middle.map((node) => this.source.textOf(node)).join(' ')
    return operation(line, operator, this.evaluate(left!), this.evaluate(right))
  }

  #conditional(node: SyntaxNode, children: readonly SyntaxNode[]): Value {
    const [yes, , test, , no] = children
    if (test === undefined || no === undefined) return this.unknown(node, 'it is not complete')
    const verdict = truth(this.evaluate(test))
    if (verdict === undefined) return this.unknown(node, 'it depends on a condition')
    return this.evaluate(verdict ? yes! : no)
  }
}

const KINDS: Readonly<Record<string, string>> = {
  ArrayComprehensionExpression: 'a comprehension would have to be run',
  ComprehensionExpression: 'a comprehension would have to be run',
  DictionaryComprehensionExpression: 'a comprehension would have to be run',
  SetComprehensionExpression: 'a comprehension would have to be run',
  LambdaExpression: 'it is a function',
  NamedExpression: 'it is an assignment within an expression'
}
