/** A remedy for a word that is none of the known ones. */
export function didYouMean(word: string, known: readonly string[], otherwise?: string): string | undefined {
  const near = nearest(word, known)
  if (near !== undefined) return `did you mean ${near}?`
  if (otherwise !== undefined) return otherwise
  return known.length === 0 ? undefined : `known: ${known.join(', ')}`
}

/** The known word that differs least, if it is near enough to be a misspelling. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const [given, most] = [word.toLowerCase(), Math.min(3, Math.max(1, Math.floor(word.length / 3)))]
  let [best, least] = [undefined as string | undefined, most + 1]
  for (const candidate of known) {
    const differs = distance(given, candidate.toLowerCase())
    if (differs < least) [best, least] = [candidate, differs]
  }
  return best
}

/** Letters to insert, remove, replace or swap with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  let [before, row] = [[] as number[], Array.from({ length: b.length + 1 }, (_, column) => column)]
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : Infinity
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1, swapped))
    }
    ;[before, row] = [row, next]
  }
  return row[b.length]!
}
