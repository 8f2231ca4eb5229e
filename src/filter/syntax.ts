import { type ASTNode, Environment, ParseError } from '@marcbachmann/cel-js'

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

/** A watch list of thousands of names is an ordinary filter. */
const cel = new Environment({
  unlistedVariablesAreDyn: true,
  limits: { maxAstNodes: 1_000_000, maxListElements: 1_000_000 }
})

/** What people bring along from Python, SQL and C. */
const REMEDIES: Readonly<Record<string, string>> = {
  '=': 'Write == to compare.',
  '&': 'Write && for "and".',
  '|': 'Write || for "or".',
  and: 'Write && for "and".',
  or: 'Write || for "or".',
  not: 'Write !(...) for "not".',
  is: 'Write == to compare.'
}

/** Codes of cel-js whose own text names tokens by its internal names, or a wrong character. */
const UNEXPECTED = /^(unexpected_character|unexpected_token|expected_token)$/

export function parse(source: string): Node {
  const empty = source.replace(/\/\/.*/g, '').trim() === ''
  if (empty) throw new FilterSyntaxError('The expression is empty', 0, 'Write an expression.')
  try {
    return cel.parse(source).ast
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    const offset = error.range?.start ?? 0
    const word = /^(\w+|.)?/s.exec(source.slice(offset))?.[0] ?? ''
    const ended = source.slice(offset).trim() === ''
    const message = ended
      ? 'The expression ends too early'
      : UNEXPECTED.test(error.code)
        ? `Unexpected ${word}`
        : error.summary
    const remedy = error.code === 'reserved_identifier' ? `Write payload.${word}.` : REMEDIES[word.toLowerCase()]
    throw new FilterSyntaxError(message, offset, remedy)
  }
}
