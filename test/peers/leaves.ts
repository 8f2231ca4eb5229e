/** A leaf of a value: its path as a JSON pointer, and a text that no two different leaves share. */
export type Leaf = readonly [path: string, text: string]

/** Messages as the leaves that somebody saw. */
export type Seen = readonly (readonly Leaf[])[]

/** A value as the list of its leaves, in a form that another language arrives at as well: see leaves.py. */
export function leavesOf(value: unknown, path = ''): Leaf[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || value instanceof Date)
    return [[path, textOf(value)]]
  const entries = Object.entries(value)
  if (entries.length === 0) return [[path, Array.isArray(value) ? '[]' : '{}']]
  return entries.flatMap(([key, part]) => leavesOf(part, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`))
}

/** The bytes at a leaf. */
export function bytesOf([, text]: Leaf): Buffer {
  return Buffer.from(text.replace(/^base64 /, ''), 'base64')
}

function textOf(value: unknown): string {
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof Uint8Array) return `base64 ${Buffer.from(value).toString('base64')}`
  if (value instanceof Date) return `date ${value.getTime()}`
  return String(value)
}

/** Python can tell 1.0 from 1; all other doubles are given by their bits. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value)
  const bits = Buffer.alloc(8)
  bits.writeDoubleBE(value)
  return `double ${bits.toString('hex')}`
}

/** What is not the same in both, one line each. */
export function compare(expected: Seen, found: Seen): string[] {
  if (expected.length !== found.length) return [`${expected.length} messages became ${found.length}`]
  return expected.flatMap((leaves, index) =>
    differences(leaves, found[index]!).map((line) => `message ${index}: ${line}`)
  )
}

export function countLeaves(seen: Seen): number {
  return seen.reduce((sum, leaves) => sum + leaves.length, 0)
}

/** Order counts among the items of a list, not among the keys of a record. */
function differences(expected: readonly Leaf[], found: readonly Leaf[]): string[] {
  const left = new Map(found)
  const lines: string[] = []
  for (const [path, text] of expected) {
    const other = left.get(path)
    if (other !== text) lines.push(`${path || '(the value)'}: ${short(text)} became ${short(other)}`)
    left.delete(path)
  }
  return [...lines, ...[...left].map(([path, text]) => `${path || '(the value)'}: ${short(text)} came from nowhere`)]
}

function short(text = 'nothing'): string {
  return text.length > 80 ? `${text.slice(0, 80)}... (${text.length})` : text
}
