import {
  asText,
  because,
  dictOf,
  extend,
  listOf,
  literal,
  mergeInto,
  type Part,
  plainOf,
  textOf,
  truth,
  unknown,
  type Value
} from './value.ts'

/** Texts one after the other. */
export function joined(line: number, values: readonly Value[]): Value {
  const odd = values.find((value) => value.kind !== 'text')
  if (odd?.kind === 'unknown') return { ...odd, line }
  if (odd !== undefined) return unknown(line, `a part of the text is not known${because(odd)}`)
  return textOf(line, ...values.flatMap((value) => (value.kind === 'text' ? value.parts : [])))
}

export function unary(line: number, operator: string, value: Value): Value {
  const verdict = truth(value)
  if (operator === 'not' && verdict !== undefined) return plainOf(line, !verdict)
  if (value.kind === 'plain' && typeof value.value === 'number' && '+-'.includes(operator))
    return plainOf(line, operator === '-' ? -value.value : value.value)
  return unknown(line, `${operator} would have to be computed${because(value)}`)
}

export function operation(line: number, operator: string, left: Value, right: Value): Value {
  const fallback = () => unknown(line, `${operator} would have to be computed${because(left) || because(right)}`)
  if (operator === '+') return added(line, left, right) ?? fallback()
  if (operator === '%' && left.kind === 'text') return percent(line, literal(left), right) ?? fallback()
  if (operator === '|') return union(line, left, right) ?? fallback()
  if (operator === 'or' || operator === 'and') return choice(line, operator, left, right) ?? fallback()
  if (operator === '==' || operator === '!=' || operator === 'is' || operator === 'is not') {
    const same = equal(left, right)
    return same === undefined ? fallback() : plainOf(line, same === (operator === '==' || operator === 'is'))
  }
  return fallback()
}

/** A list of which one half is not known is one with a gap. */
function added(line: number, left: Value, right: Value): Value | undefined {
  if (left.kind === 'text' && right.kind === 'text') return joined(line, [left, right])
  if (left.kind !== 'list' && right.kind !== 'list') return undefined
  const list = listOf(line, [])
  extend(list, left)
  extend(list, right)
  return list
}

function union(line: number, left: Value, right: Value): Value | undefined {
  if (left.kind !== 'dict' && right.kind !== 'dict') return undefined
  const dict = dictOf(line)
  mergeInto(dict, left)
  mergeInto(dict, right)
  return dict
}

function choice(line: number, operator: 'or' | 'and', left: Value, right: Value): Value | undefined {
  const verdict = truth(left)
  if (verdict !== undefined) return verdict === (operator === 'or') ? left : right
  const [variable, ...more] = left.kind === 'text' ? left.parts : []
  const fallback = literal(right)
  // `os.getenv('X') or 'default'`
  const isVariable = typeof variable === 'object' && more.length === 0 && !variable.fallback
  if (operator === 'or' && isVariable && fallback !== undefined) return textOf(line, { name: variable.name, fallback })
  return undefined
}

function equal(left: Value, right: Value): boolean | undefined {
  const [one, other] = [known(left), known(right)]
  return one === undefined || other === undefined ? undefined : one === other
}

function known(value: Value): unknown {
  return value.kind === 'plain' ? value.value : literal(value)
}

/** `'%s-tom' % name`, `'%(a)s' % {...}` */
function percent(line: number, format: string | undefined, right: Value): Value | undefined {
  const given = right.kind === 'list' ? [...right.items] : [right]
  return filled(line, format, /%(?:\((\w+)\))?([sd%])|%/g, (_, name, kind) => {
    if (kind === '%') return '%'
    if (kind === undefined) return undefined
    return name === undefined ? given.shift() : right.kind === 'dict' ? right.entries.get(name)?.value : undefined
  })
}

/** `'{}-{name}'.format(...)` */
export function format(
  line: number,
  text: string | undefined,
  given: readonly Value[],
  named: ReadonlyMap<string, Value>
): Value | undefined {
  let next = 0
  return filled(line, text, /\{\{|\}\}|\{(\w*)\}|[{}]/g, (whole, name) => {
    if (whole === '{{' || whole === '}}') return whole[0]
    if (name === undefined) return undefined
    if (name === '') return given[next++]
    return /^\d+$/.test(name) ? given[Number(name)] : named.get(name)
  })
}

/** The text with each match replaced. Undefined: for one there is nothing. */
function filled(
  line: number,
  text: string | undefined,
  pattern: RegExp,
  replacement: (...match: readonly (string | undefined)[]) => Value | string | undefined
): Value | undefined {
  if (text === undefined) return undefined
  const parts: Part[] = []
  let at = 0
  for (const match of text.matchAll(pattern)) {
    const found = replacement(...match)
    const value = typeof found === 'string' ? textOf(line, found) : found && asText(found)
    if (value === undefined) return undefined
    parts.push(text.slice(at, match.index), ...value.parts)
    at = match.index + match[0].length
  }
  return textOf(line, ...parts, text.slice(at))
}
