import { randomBytes } from 'node:crypto'
import { toLong } from './long.ts'

/** How far a document may go. */
export interface JsonBounds {
  readonly depth: number
  readonly values: number
}

/** Python's own limit; the time to read longer ones grows with the square of their length. */
const MOST_DIGITS = 4300
/** Integers of fewer digits are safe. */
const LONG_DIGITS = 16

/** Begins the strings that stand for words; random, so that no document can bring one of its own. */
const MARK = `${randomBytes(6).toString('hex')}:`
const OPEN = `"${MARK}`

/**
 * Puts marked strings in the place of what `JSON.parse` reads wrongly or not at all: integers that are not safe, and
 * Python's `NaN`, `Infinity` and `-Infinity`. Throws beyond the bounds; what else is wrong is left for `JSON.parse`.
 */
export function markWords(text: string, bounds: JsonBounds): string {
  let marked = ''
  // Joined now and then: a string that is made of a million others takes many times its own memory.
  let parts: string[] = []
  let copied = 0
  let depth = 0
  let values = 0
  for (let at = 0; at < text.length; ) {
    let end = at + 1
    switch (kindAt(text, at)) {
      case OPENING:
        values++
        if (++depth > bounds.depth) throw tooDeep(bounds)
        break
      case CLOSING:
        depth--
        break
      case COLON:
        // What stands before it is a name.
        values--
        break
      case QUOTE:
        values++
        end = endOfString(text, at)
        break
      case TOKEN: {
        values++
        while (end < text.length && kindAt(text, end) === TOKEN) end++
        if (!isWord(text, at, end)) break
        parts.push(text.slice(copied, at), OPEN, text.slice(at, end), '"')
        copied = end
        if (parts.length < 5000) break
        marked += parts.join('')
        parts = []
      }
    }
    // A name is counted until its colon has come.
    if (values > bounds.values + 1) break
    at = end
  }
  if (values > bounds.values) throw new Error(`it holds more than ${bounds.values} values (MAX_VALUES)`)
  return marked + parts.join('') + text.slice(copied)
}

/** The value with the words themselves in the place of the marked strings. */
export function restoreWords(value: unknown): unknown {
  if (typeof value === 'string') return value.startsWith(MARK) ? wordOf(value.slice(MARK.length)) : value
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) value[index] = restoreWords(value[index])
  } else if (typeof value === 'object' && value !== null) {
    const record = value as Record<string, unknown>
    for (const name in record) {
      const restored = restoreWords(record[name])
      if (restored !== record[name]) record[name] = restored
    }
  }
  return value
}

function wordOf(word: string): unknown {
  return word.endsWith('N') || word.endsWith('y') ? Number(word) : toLong(BigInt(word))
}

/** Throws where records and lists nest deeper than allowed. */
export function checkDepth(value: unknown, bounds: JsonBounds, depth = 1): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > bounds.depth) throw tooDeep(bounds)
  if (Array.isArray(value)) for (const item of value) checkDepth(item, bounds, depth + 1)
  else for (const name in value) checkDepth((value as Record<string, unknown>)[name], bounds, depth + 1)
}

function tooDeep({ depth }: JsonBounds): Error {
  return new Error(`it nests deeper than ${depth} (MAX_DEPTH)`)
}

const TOKEN = 0
const BETWEEN = 1
const OPENING = 2
const CLOSING = 3
const COLON = 4
const QUOTE = 5
const BACKSLASH = 0x5c

/** What characters mean outside of strings. */
const kinds = new Uint8Array(128)
for (const [chars, kind] of [
  [' \t\n\v\f\r,', BETWEEN],
  ['[{', OPENING],
  [']}', CLOSING],
  [':', COLON],
  ['"', QUOTE]
] as const)
  for (const char of chars) kinds[char.charCodeAt(0)] = kind

function kindAt(text: string, index: number): number {
  return kinds[text.charCodeAt(index)] ?? TOKEN
}

/** Behind the closing quote; the end of the text where there is none. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let before = quote - 1
    while (text.charCodeAt(before) === BACKSLASH) before--
    if ((quote - before) % 2 === 1) return quote + 1
  }
  return text.length
}

/** True for a token that must be marked; false for others, and for what stands in the place of a name. */
function isWord(text: string, start: number, end: number): boolean {
  if (!(end - start < LONG_DIGITS ? isPythonWord(text, start, end) : isLong(text.slice(start, end)))) return false
  let next = end
  while (kindAt(text, next) === BETWEEN) next++
  return kindAt(text, next) !== COLON
}

function isPythonWord(text: string, start: number, end: number): boolean {
  const length = end - start
  if (length === 3) return text.startsWith('NaN', start)
  return (length === 8 && text.startsWith('Infinity', start)) || (length === 9 && text.startsWith('-Infinity', start))
}

function isLong(token: string): boolean {
  if (!/^-?[1-9]\d*$/.test(token) || Number.isSafeInteger(Number(token))) return false
  if (token.length > MOST_DIGITS) throw new SyntaxError(`an integer of ${token.length} digits`)
  return true
}
