/** What Python takes for white space in text: other than JavaScript's, without a byte order mark. */
const BLANK = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const END = '\\r\\n|[\\n-\\r\\x1c-\\x1e\\x85\\u2028\\u2029]'
const before = new RegExp(`^${BLANK}+`)
const blank = new RegExp(BLANK)

/** Text without the white space at both of its ends, as Python's `strip` gives it. */
export function strip(text: string): string {
  let end = text.length
  while (end > 0 && blank.test(text[end - 1]!)) end--
  return stripStart(text.slice(0, end))
}

export function stripStart(text: string): string {
  return text.replace(before, '')
}

/** The lines of a text as Python's `splitlines` finds them; none in an empty one. */
export function* linesOf(text: string): Generator<string> {
  const ends = new RegExp(END, 'g')
  let at = 0
  for (let end = ends.exec(text); end !== null; end = ends.exec(text)) {
    yield text.slice(at, end.index)
    at = ends.lastIndex
  }
  if (at < text.length) yield text.slice(at)
}
