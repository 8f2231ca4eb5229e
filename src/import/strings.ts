/** A string literal taken apart. */
export interface StringLiteral {
  readonly raw: boolean
  readonly bytes: boolean
  /** Characters before the content, prefix and quotes; there are `quotes` after it. */
  readonly start: number
  readonly quotes: number
}

export function readLiteral(written: string): StringLiteral {
  const [opening, prefix = '', quotes = ''] = /^([a-z]*)("""|'''|"|')/i.exec(written) ?? ['']
  return { raw: /r/i.test(prefix), bytes: /b/i.test(prefix), start: opening.length, quotes: quotes.length }
}

const SIMPLE: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v'
}

const ESCAPE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|(N\{)|(.))/gs

/** What the content of a literal stands for; unknown escapes stay as they are, as in Python. Undefined: `\N{NAME}`. */
export function unescaped(content: string, { raw, bytes }: StringLiteral): string | undefined {
  if (raw) return content
  let named = false
  const text = content.replace(ESCAPE, (whole, hex2, hex4, hex8, octal, name, other) => {
    if (bytes && /^\\[uUN]/.test(whole)) return whole
    if (name !== undefined) named = true
    const code = hex2 ?? hex4 ?? hex8
    if (code !== undefined) return fromCode(Number.parseInt(code, 16)) ?? whole
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8))
    return SIMPLE[other] ?? whole
  })
  return named ? undefined : text
}

function fromCode(code: number): string | undefined {
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined
}
