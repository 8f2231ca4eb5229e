import { type ASTNode, ParseError, parse as parseCel } from '@marcbachmann/cel-js'

export type Node = ASTNode

/** An expression that can't be compiled. */
export class FilterSyntaxError extends Error {
  /** Where in the source, in characters from 0. */
  readonly offset: number
  /** What to write instead, as an imperative sentence. */
  readonly remedy: string | undefined

  constructor(message: string, offset: number, remedy?: string) {
    super(message)
    this.name = 'FilterSyntaxError'
    this.offset = offset
    this.remedy = remedy
  }
}

/** What people bring along from Python, SQL and C. */
const REMEDIES: Readonly<Record<string, string>> = {
  '=': 'Write == to compare.',
  '&': 'Write && for "and".',
  '|': 'Write || for "or".',
  and: 'Write && for "and".',
  or: 'Write || for "or".',
  not: 'Write ! for "not".'
}

export function parse(source: string): Node {
  if (/^(\s|\/\/.*)*$/.test(source)) throw new FilterSyntaxError('The expression is empty', 0, 'Write an expression.')
  try {
    return parseCel(source).ast
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    const offset = error.range?.start ?? 0
    const word = /^(\w+|.)?/s.exec(source.slice(offset))?.[0] ?? ''
    const ended = source.slice(offset).trim() === ''
    const message = ended ? 'The expression ends too early' : error.summary
    throw new FilterSyntaxError(message, offset, REMEDIES[word.toLowerCase()])
  }
}
