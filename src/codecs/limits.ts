import { bytes, fallbacksOf, integer, type OptionsOf } from '../contract/options.ts'

/** What an alert may unfold to. Real ones stay far below; a bomb does not. */
export const limitFields = {
  MAX_BYTES: bytes('the most bytes of a JSON text, and of what a compressed message unfolds to', {
    fallback: 10 * 1024 * 1024
  }),
  MAX_DEPTH: integer('how deep records, lists and maps may nest', { fallback: 100 }),
  MAX_VALUES: integer('the most values (numbers, texts, records, list items) in one message', { fallback: 200_000 })
}

export interface Limits {
  readonly bytes: number
  readonly depth: number
  readonly values: number
}

export function limitsOf({ MAX_BYTES, MAX_DEPTH, MAX_VALUES }: OptionsOf<typeof limitFields>): Limits {
  return { bytes: MAX_BYTES, depth: MAX_DEPTH, values: MAX_VALUES }
}

export const usualLimits: Limits = limitsOf(fallbacksOf(limitFields))
