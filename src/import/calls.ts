import type { Expressions } from './expressions.ts'
import { reference } from './names.ts'
import { format } from './operators.ts'
import { childrenOf, itemsOf, type SyntaxNode } from './syntax.ts'
import {
  asText,
  because,
  dictOf,
  entryOf,
  listOf,
  literal,
  mergeInto,
  plainOf,
  setEntry,
  textOf,
  unknown,
  type Value
} from './value.ts'

interface Arguments {
  readonly given: readonly Value[]
  readonly named: ReadonlyMap<string, Value>
  /** `*list` or `**dict` among them. */
  readonly spread: boolean
}

/** The variable, and what stands for it where it is not set: os, django-environ, environs, decouple. */
const ENVIRONMENT =
  /^(os\.(getenv|environ\.get)|(environ|environs)\.\w*Env\(\)(\.(str|int|float|bool|url))?|decouple\.config)$/
const ENV_CLASS = /^(environ|environs)\.\w*Env$/

export function callOf(node: SyntaxNode, expressions: Expressions): Value {
  const { source } = expressions
  const line = source.lineOf(node)
  const [callee, list] = childrenOf(node)
  if (callee === undefined || list?.name !== 'ArgList') return expressions.unknown(node, 'it is not complete')
  const name = source.textOf(callee)
  const args = argumentsOf(list, expressions)
  const [object, dot, property] = callee.name === 'MemberExpression' ? childrenOf(callee) : []
  const method = dot?.name === '.' && property ? source.textOf(property) : undefined
  const target = expressions.evaluate(method === undefined ? callee : object!)
  const called =
    target.kind === 'reference'
      ? functionOf(line, method === undefined ? target.path : `${target.path}.${method}`, args, target.what)
      : methodOf(line, target, method, args)
  const shown = /^[\w.]+$/.test(name) ? name : method === undefined ? 'a function' : `.${method}`
  return called ?? unknown(line, `${shown}() would have to be called`)
}

function argumentsOf(list: SyntaxNode, expressions: Expressions): Arguments {
  const given: Value[] = []
  const named = new Map<string, Value>()
  let spread = false
  for (const item of itemsOf(list)) {
    const value = expressions.evaluate(item.at(-1)!)
    if (item[0]!.name === '*' || item[0]!.name === '**') spread = true
    else if (item[1]?.name === 'AssignOp') named.set(expressions.source.textOf(item[0]!), value)
    else given.push(value)
  }
  return { given, named, spread }
}

function functionOf(line: number, path: string, args: Arguments, what: string): Value | undefined {
  const { given, named, spread } = args
  if (ENV_CLASS.test(path)) return reference(line, `${path}()`, what)
  if (spread) return undefined
  if (ENVIRONMENT.test(path)) return variable(line, given[0], given[1] ?? named.get('default'))
  const [first] = given
  if (path === 'dict') {
    const dict = dictOf(line)
    if (first !== undefined) mergeInto(dict, first)
    for (const [key, value] of named) setEntry(dict, textOf(line, key), value)
    return dict
  }
  // Of text, options are read as what they are to be.
  if (/^(str|int|float)$/.test(path)) return first && (first.kind === 'text' ? first : asText(first))
  if (/^(list|tuple|set)$/.test(path))
    return first === undefined || first.kind === 'list' ? (first ?? listOf(line, [])) : undefined
  return undefined
}

function variable(line: number, name: Value | undefined, fallback: Value | undefined): Value | undefined {
  const text = literal(name)
  if (text === undefined) return undefined
  if (!/^[A-Za-z_]\w*$/.test(text)) return unknown(line, 'the name of the environment variable is none')
  if (fallback === undefined || (fallback.kind === 'plain' && fallback.value === null))
    return textOf(line, { name: text, fallback: undefined })
  const known = literal(asText(fallback) ?? fallback)
  if (known === undefined) return unknown(line, `the default of ${text} is not known${because(fallback)}`)
  const isFlag = fallback.kind === 'plain' && typeof fallback.value === 'boolean'
  return textOf(line, { name: text, fallback: isFlag ? known.toLowerCase() : known })
}

function methodOf(line: number, target: Value, method: string | undefined, args: Arguments): Value | undefined {
  const { given, named, spread } = args
  if (spread) return undefined
  if (method === 'format' && target.kind === 'text') return format(line, literal(target), given, named)
  if (target.kind !== 'dict' || method === undefined) return undefined
  if (method === 'copy') {
    const dict = dictOf(line)
    mergeInto(dict, target)
    return dict
  }
  if (method !== 'get' || given[0] === undefined || target.lost.length > 0) return undefined
  return entryOf(target, given[0]) ?? given[1] ?? plainOf(line, null)
}
