/** How what JSON has no type for is written. */
export interface TextStyle {
  /** Bytes as base64 text or their length, or left out. */
  readonly bytes: 'base64' | 'length' | 'skip'
  /** Bytes and dates as `{"$bytes": base64}` and `{"$date": ISO}`, so that `untagged` gives the same value again. */
  readonly exact: boolean
  /** NaN and infinities as null. */
  readonly strict: boolean
  readonly pretty: boolean
}

/**
 * JSON of a payload. Integers have all their digits, and a double is never written as an integer that would be read
 * back as a 64-bit one. NaN, Infinity and -Infinity are bare words, as Python writes and reads them and `parseJson`
 * does: they are in alerts, and null would say something else.
 */
export function payloadText(value: unknown, style: TextStyle): string {
  return textOf(value, style, style.pretty ? '\n' : '') ?? 'null'
}

/** Undefined: there is nothing to write. */
function textOf(value: unknown, style: TextStyle, newline: string): string | undefined {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      return numberText(value, style)
    case 'bigint':
    case 'boolean':
      return String(value)
    case 'object':
      if (value === null) return 'null'
      if (value instanceof Uint8Array) return bytesText(value, style)
      if (value instanceof Date) return dateText(value, style)
      return Array.isArray(value)
        ? listText(value, style, newline)
        : recordText(value as Record<string, unknown>, style, newline)
    default:
      return undefined
  }
}

function numberText(value: number, { strict }: TextStyle): string {
  if (Number.isFinite(value)) {
    if (Object.is(value, -0)) return '-0'
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value)
  }
  return strict ? 'null' : String(value)
}

function bytesText(value: Uint8Array, { bytes, exact }: TextStyle): string | undefined {
  if (bytes === 'skip') return undefined
  if (bytes === 'length') return JSON.stringify(`${value.length} bytes`)
  const text = JSON.stringify(Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64'))
  return exact ? `{"$bytes":${text}}` : text
}

function dateText(value: Date, { exact }: TextStyle): string {
  const text = JSON.stringify(value)
  return exact ? `{"$date":${text}}` : text
}

function listText(list: readonly unknown[], style: TextStyle, newline: string): string {
  if (list.length === 0) return '[]'
  const inner = style.pretty ? `${newline}  ` : ''
  let text = '['
  for (let index = 0; index < list.length; index++) {
    text += `${index === 0 ? '' : ','}${inner}${textOf(list[index], style, inner) ?? 'null'}`
  }
  return `${text}${newline}]`
}

function recordText(record: Readonly<Record<string, unknown>>, style: TextStyle, newline: string): string {
  const inner = style.pretty ? `${newline}  ` : ''
  let text = ''
  for (const name of Object.keys(record)) {
    const value = textOf(record[name], style, inner)
    if (value === undefined) continue
    text += `${text === '' ? '{' : ','}${inner}${nameText(name)}${style.pretty ? ' ' : ''}${value}`
  }
  return text === '' ? '{}' : `${text}${newline}}`
}

/** Alerts have the same names again and again. */
const names = new Map<string, string>()
const MOST_NAMES = 10_000

function nameText(name: string): string {
  const known = names.get(name)
  if (known !== undefined) return known
  const text = `${JSON.stringify(name)}:`
  if (names.size < MOST_NAMES) names.set(name, text)
  return text
}

/** A parsed value with what `exact` has tagged turned back into bytes and dates, in place. Throws `SyntaxError`. */
export function untagged(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) value[index] = untagged(item)
    return value
  }
  const record = value as Record<string, unknown>
  const [name, ...others] = Object.keys(record)
  if (others.length === 0 && name !== undefined && Object.hasOwn(tags, name)) {
    return tags[name as keyof typeof tags](record[name])
  }
  for (const name of Object.keys(record)) {
    const changed = untagged(record[name])
    if (changed !== record[name]) record[name] = changed
  }
  return record
}

const tags = {
  $bytes(text: unknown): Uint8Array {
    const bytes = Buffer.from(String(text), 'base64')
    if (bytes.toString('base64') !== text) throw new SyntaxError('$bytes is not base64')
    return bytes
  },
  $date(text: unknown): Date {
    const date = new Date(String(text))
    if (Number.isNaN(date.getTime())) throw new SyntaxError('$date is not a time')
    return date
  }
}
