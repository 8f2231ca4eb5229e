import { isGlob, literalCount } from '../contract/topics.ts'

/** A key of TOPIC_HANDLERS as it is carried over, in the order of the settings file. */
export interface CarriedKey {
  readonly line: number
  readonly glob: string
  /** What it names, where that can be told. */
  readonly handler: string | undefined
}

/**
 * Pairs of keys of which a TOM asks the first one first, as it stands first, and we the second, as it has more literal
 * characters: where topics fit both, and the handlers differ.
 */
export function reordered(keys: readonly CarriedKey[]): readonly (readonly [first: CarriedKey, second: CarriedKey])[] {
  const globs = keys.filter(({ glob }) => isGlob(glob) && glob !== '*')
  return globs.flatMap((second, index) =>
    globs
      .slice(0, index)
      .filter(
        (first) =>
          literalCount(second.glob) > literalCount(first.glob) &&
          (first.handler === undefined || first.handler !== second.handler) &&
          overlap(first.glob, second.glob)
      )
      .map((first) => [first, second] as const)
  )
}

/** True where some text fits both globs. */
export function overlap(one: string, other: string): boolean {
  // `below[j]`: what follows the character of `one` and what begins at j of `other` have a text in common.
  let below: boolean[] = []
  for (let i = one.length; i >= 0; i--) {
    const row: boolean[] = []
    for (let j = other.length; j >= 0; j--) {
      const [a, b] = [one[i], other[j]]
      const isEnd = a === undefined && b === undefined
      const isSame = a === b || a === '?' || b === '?'
      row[j] = isEnd || (a === '*' || b === '*' ? below[j] || row[j + 1] : isSame && below[j + 1]) === true
    }
    below = row
  }
  return below[0]!
}
