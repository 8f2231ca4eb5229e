import type { Long } from '../contract/alert.ts'

/** All digits of a 64-bit id, for those who want text. */
export function idText(id: Long): string {
  return String(id)
}

/** A `number` when it is a safe integer, else the `bigint` itself. */
export function toLong(value: bigint): Long {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
