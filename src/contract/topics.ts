/** The date of a night in a key of TOPIC_HANDLERS. */
const DATES = { '{YYYYMMDD}': '(\\d{8})', '{YYYY-MM-DD}': '(\\d{4}-\\d{2}-\\d{2})' }

/** True for a key of TOPIC_HANDLERS that stands for more than itself. */
export function isGlob(key: string): boolean {
  return /[*?]/.test(key) || isDated(key)
}

/** True for a key with `{YYYYMMDD}` or `{YYYY-MM-DD}` in it. */
export function isDated(key: string): boolean {
  return Object.keys(DATES).some((date) => key.includes(date))
}

/**
 * A glob as a regular expression: `*` any characters, `?` one, `{YYYYMMDD}` and `{YYYY-MM-DD}` the digits of a date,
 * which are its groups; the whole name must match.
 */
export function globPattern(key: string): RegExp {
  let source = key
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  for (const [date, digits] of Object.entries(DATES)) source = source.replaceAll(date.replace(/[{}]/g, '\\$&'), digits)
  return new RegExp(`^${source}$`, 's')
}

/** How many literal characters a key has, those of dates included: the more, the earlier it is asked. */
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
