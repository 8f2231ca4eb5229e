/** Items of a list that are shown at its beginning. */
const ITEMS = 3
/** Characters of a text. */
const TEXT = 200

/** Everything in a value, a line each, what is inside of it indented; long lists and texts are cut, and say so. */
export function treeOf(value: unknown): string {
  return linesOf(value).join('\n')
}

/** Bytes that are text; undefined for anything else. */
export function writingOf(value: unknown): string | undefined {
  if (!(value instanceof Uint8Array)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(value)
  } catch {
    return undefined
  }
}

function linesOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null || leafOf(value) !== undefined) return [leafOf(value) ?? 'null']
  const entries: readonly (readonly [string, unknown])[] = Array.isArray(value)
    ? value.slice(0, ITEMS).map((item, at) => [String(at), item])
    : Object.entries(value)
  const lines = entries.flatMap(([name, item]) => {
    const leaf = leafOf(item)
    return leaf === undefined ? [`${name}:`, ...linesOf(item).map((line) => `  ${line}`)] : [`${name}: ${leaf}`]
  })
  const left = Array.isArray(value) ? value.length - ITEMS : 0
  return left > 0 ? [...lines, `... ${left} more`] : lines
}

/** What fits on a line: undefined for what has parts. */
function leafOf(value: unknown): string | undefined {
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'string')
    return value.length > TEXT ? `${value.slice(0, TEXT)}... (${value.length} characters)` : value
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return numbersOf(value)
  return Object.keys(value).length === 0 ? '{}' : undefined
}

function numbersOf(list: readonly unknown[]): string | undefined {
  if (!list.every((item) => typeof item !== 'object' || item === null)) return undefined
  const most = 8
  const shown = list.slice(0, most).map((item) => leafOf(item))
  return `[${shown.join(', ')}${list.length > most ? `, ... ${list.length - most} more` : ''}]`
}
