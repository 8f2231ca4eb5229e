import { parseJson } from '../codecs/json-text.ts'

type Fields = Readonly<Record<string, unknown>>

/** The text of JSON as a value, integers exact; undefined for what is none. */
export function jsonOf(body: string): unknown {
  try {
    return parseJson(body)
  } catch {
    return undefined
  }
}

/** The texts of a tree of errors with their fields: `data.targets[1].ra: Must be ...`; undefined where there are none. */
export function saidIn(json: unknown): string | undefined {
  const found: string[] = []
  collect(json, '', found)
  return found.length === 0 ? undefined : found.slice(0, 10).join('; ')
}

function collect(value: unknown, path: string, found: string[]): void {
  if (typeof value === 'string') {
    const text = value.slice(0, 500)
    found.push(['', 'error', 'detail', 'message'].includes(path) ? text : `${path}: ${text}`)
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      collect(item, typeof item === 'string' ? path : `${path}[${index}]`, found)
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value as Fields))
      collect(item, path === '' ? name : `${path}.${name}`, found)
  }
}
