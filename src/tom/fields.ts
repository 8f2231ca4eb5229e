import { isMissing } from '../codecs/missing.ts'

export type Fields = Readonly<Record<string, unknown>>

/** A record; undefined for anything else, lists and bytes included. */
export function recordOf(value: unknown): Fields | undefined {
  const isRecord =
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  return isRecord ? (value as Fields) : undefined
}

/** The records of a list; a record stands for a list of one. */
export function recordsOf(value: unknown): readonly Fields[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value]
  return items.map(recordOf).filter((item) => item !== undefined)
}

/** A finite number, or null. Numbers in text count. */
export function numberOf(value: unknown): number | null {
  if (isMissing(value) || value === '') return null
  const number = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN
  return Number.isFinite(number) ? number : null
}

/** An id or a name: text that is not blank, or all digits of a number; the first of a list. Zero is no id. */
export function nameOf(value: unknown): string | null {
  const first: unknown = Array.isArray(value) ? value[0] : value
  if (typeof first === 'string') return first.trim() === '' ? null : first.trim()
  const isId = (typeof first === 'number' && Number.isFinite(first)) || typeof first === 'bigint'
  return isId && Number(first) !== 0 ? String(first) : null
}

/** The record inside of it, or an empty one. */
export function within(record: Fields, ...path: readonly string[]): Fields {
  let at = record
  for (const name of path) at = recordsOf(at[name])[0] ?? {}
  return at
}
