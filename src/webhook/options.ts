import { declare, described } from '../contract/options.ts'

export type HeaderMap = Readonly<Record<string, string>>

const headerSchema = { oneOf: [{ type: 'object', additionalProperties: { type: 'string' } }, { type: 'string' }] }

/** HTTP headers: a map of texts, or lines of `Name: value`. */
export const headers = declare<HeaderMap>('headers', headerSchema, (value) => {
  const pairs = pairsOf(value)
  if (pairs === undefined) return { problem: `expected a map of headers, got ${described(value)}` }
  for (const [name, one] of pairs) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) return { problem: 'a header has a name that HTTP does not allow' }
    if (typeof one !== 'string' || /[\r\n\0]/.test(one)) return { problem: `the header ${name} is no text of one line` }
  }
  return { value: Object.fromEntries(pairs) as HeaderMap }
})

function pairsOf(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (typeof value === 'string') return linesOf(value)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : undefined
}

function linesOf(text: string): readonly (readonly [string, unknown])[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  return lines.map((line) => {
    const [, name = '', value = ''] = /^([^:]*):(.*)$/.exec(line) ?? []
    return [name.trim(), value.trim()]
  })
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, second: 1000, min: 60_000, minute: 60_000, h: 3_600_000 }

/** `1/s`, `20/min`, `100/h`: the milliseconds between two of them. */
export const rate = declare<number>(
  'rate',
  { type: 'string', pattern: '^[0-9.]+ */ *(s|second|min|minute|h)$' },
  (given) => {
    const match = /^(\d+(?:\.\d+)?) *\/ *(s|second|min|minute|h)$/.exec(String(given))
    return match && Number(match[1]) > 0
      ? { value: UNITS[match[2]!]! / Number(match[1]) }
      : { problem: 'expected a rate such as 1/s, 20/min or 100/h' }
  }
)
