/** True for a key of TOPIC_HANDLERS that stands for more than itself. */
export function isGlob(key: string): boolean {
  return /[*?]/.test(key)
}

/** A glob as a regular expression: `*` any characters, `?` one; the whole name must match. */
export function globPattern(key: string): RegExp {
  const source = key
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's')
}

/** How many literal characters a key has: the more, the earlier it is asked. */
export function literalCount(key: string): number {
  return key.replace(/[*?]/g, '').length
}

/**
 * The key that takes a topic: the exact name, else the glob with most literal characters (the first in the file among
 * equals), else `*`.
 */
export function bestKey(topic: string, keys: readonly string[]): string | undefined {
  if (keys.includes(topic)) return topic
  let best: string | undefined
  for (const key of keys) {
    if (!isGlob(key) || !globPattern(key).test(topic)) continue
    if (best === undefined || literalCount(key) > literalCount(best)) best = key
  }
  return best
}
