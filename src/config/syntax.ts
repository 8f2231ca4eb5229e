import type { YAMLParseError } from 'yaml'
import type { Report } from './report.ts'
import type { Source } from './tree.ts'

type Code = YAMLParseError['code']

/** The library's rules in an operator's words. */
const RULES: Partial<Record<Code, readonly [rule: string, remedy: string]>> = {
  TAB_AS_INDENT: ['YAML does not allow tabs for indentation', 'indent with spaces'],
  BLOCK_AS_IMPLICIT_KEY: [
    'a key: value stands where a value should be',
    'quote the text if it contains ": ", or check the indentation'
  ],
  BAD_SCALAR_START: ['unquoted text cannot begin with this character', 'put the text in quotes'],
  MULTIPLE_DOCS: ['the file holds several YAML documents', 'remove the --- lines, or make several files'],
  BAD_INDENT: ['the indentation does not fit, or a bracket is not closed', 'check this line and the ones before it']
}

/** One problem a line; where there are tabs, the rest is only their consequence. */
export function reportSyntax(source: Source, errors: readonly YAMLParseError[], report: Report): void {
  const tabs = errors.filter(({ code }) => code === 'TAB_AS_INDENT')
  const lines = new Set<number>()
  for (const error of tabs.length > 0 ? tabs : errors) {
    const to = error.pos[1]
    const from = error.code === 'TAB_AS_INDENT' ? error.pos[0] : pastSpaces(source, error.pos[0])
    const line = source.lines.linePos(from).line
    if (lines.has(line)) continue
    lines.add(line)
    const [rule, remedy] = RULES[error.code] ?? [
      `this is not valid YAML: ${error.message}`,
      'check this line, its indentation, and the lines before it'
    ]
    report.problem({ source, from, to: Math.max(to, from + 1) }, rule, unquotedVariable(source, from) ?? remedy)
  }
}

/** The first character that can be seen. */
function pastSpaces({ text }: Source, offset: number): number {
  return offset + /^ *(?=[^\s])|/.exec(text.slice(offset))![0].length
}

/** `{ KEY: ${VAR} }`: braces end the text there. */
function unquotedVariable(source: Source, at: number): string | undefined {
  const start = source.text.lastIndexOf('\n', at - 1) + 1
  const line = source.text.slice(start).split('\n', 1)[0]!
  return /[{[,][^'"]*\$\{/.test(line) ? `inside { } and [ ] put variables in quotes: "\${VAR}"` : undefined
}
