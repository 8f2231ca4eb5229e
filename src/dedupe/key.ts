import { hash } from 'node:crypto'

/** Longer texts are kept as their digest, so that a row has a largest size. */
const LONGEST = 100

/** A value of a KEY as text: different values give different texts. Undefined for null and NaN, which equal nothing. */
export function keyText(value: unknown): string | undefined {
  if (value === null || value === undefined || Number.isNaN(value)) return undefined
  const text = JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return { integer: String(part) }
    if (part instanceof Uint8Array) return { bytes: Buffer.from(part).toString('base64') }
    return typeof part === 'number' && !Number.isFinite(part) ? { number: String(part) } : part
  })
  return text.length <= LONGEST ? text : `sha256:${hash('sha256', text, 'base64')}`
}
