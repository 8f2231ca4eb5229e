import type { Fields } from './fields.ts'

/** A payload without its images and sky maps, fit for JSON: large ids as text, NaN as null, dates as ISO text. */
export function plainOf(payload: Fields): Fields {
  const entries = Object.entries(payload).filter(([name, value]) => !isImage(name, value))
  return Object.fromEntries(entries.map(([name, value]) => [name, plain(value)]))
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.filter((item) => !(item instanceof Uint8Array)).map(plain)
  return typeof value === 'object' && value !== null ? plainOf(value as Fields) : (value ?? null)
}

function isImage(name: string, value: unknown): boolean {
  return name.startsWith('cutout') || name === 'healpix_file' || value instanceof Uint8Array
}
