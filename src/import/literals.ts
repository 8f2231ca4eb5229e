import type { Expressions } from './expressions.ts'
import { joined } from './operators.ts'
import { readLiteral, type StringLiteral, unescaped } from './strings.ts'
import { childrenOf, type SyntaxNode } from './syntax.ts'
import { asText, because, plainOf, textOf, type Value } from './value.ts'

export function stringOf(node: SyntaxNode, expressions: Expressions): Value {
  const written = expressions.source.textOf(node)
  const form = readLiteral(written)
  return contentOf(node, written.slice(form.start, written.length - form.quotes), form, expressions)
}

/** `f'...{x}...'` */
export function formatStringOf(node: SyntaxNode, expressions: Expressions): Value {
  const { source } = expressions
  const form = readLiteral(source.textOf(node))
  const parts: Value[] = []
  let at = node.from + form.start
  const upTo = (end: number) => {
    // Two braces stand for one.
    const content = source.text.slice(at, end).replaceAll('{{', '{').replaceAll('}}', '}')
    parts.push(contentOf(node, content, form, expressions))
  }
  for (const child of childrenOf(node).filter(({ name }) => name === 'FormatReplacement')) {
    upTo(child.from)
    parts.push(replacementOf(child, expressions))
    at = child.to
  }
  upTo(node.to - form.quotes)
  return joined(source.lineOf(node), parts)
}

function replacementOf(node: SyntaxNode, expressions: Expressions): Value {
  const [inner, ...more] = childrenOf(node).slice(1, -1)
  if (inner === undefined || more.some((part) => expressions.source.textOf(part) !== '!s'))
    return expressions.unknown(node, 'a part of the text is formatted')
  const value = expressions.evaluate(inner)
  return asText(value) ?? expressions.unknown(node, `a part of the text is not known${because(value)}`)
}

function contentOf(node: SyntaxNode, content: string, form: StringLiteral, expressions: Expressions): Value {
  const text = unescaped(content, form)
  return text === undefined
    ? expressions.unknown(node, 'it has a character by its Unicode name')
    : textOf(expressions.source.lineOf(node), text)
}

export function numberOf(node: SyntaxNode, expressions: Expressions): Value {
  const written = expressions.source.textOf(node).replaceAll('_', '')
  const value = /^\d+$|^0[xob]/i.test(written) ? exact(BigInt(written)) : Number(written)
  if (Number.isNaN(value)) return expressions.unknown(node, 'it is a complex number')
  return plainOf(expressions.source.lineOf(node), value)
}

function exact(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}
