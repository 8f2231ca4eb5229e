import { reasonOf } from '../contract/errors.ts'

/** What fetch throws says `fetch failed`, and why only in its cause. */
export function causeOf(error: unknown): string {
  const cause = (error as { cause?: unknown }).cause
  if (cause === undefined) return reasonOf(error)
  const code = (cause as { code?: unknown }).code
  return reasonOf(cause) || String(code)
}

/** Seconds of a Retry-After: `120`, or a date. */
export function secondsOf(header: string | null): number | undefined {
  if (header === null) return undefined
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1000
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds)
}
