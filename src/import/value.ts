/** What an expression of the settings stands for, as far as that can be told without running anything. */
export type Value = Text | Plain | List | Dict | Reference | Unknown

/** Text with environment variables in it. */
export interface Text {
  readonly kind: 'text'
  /** Of the settings file, from 1; as in all others. */
  readonly line: number
  readonly parts: readonly Part[]
}

export type Part = string | Variable

export interface Variable {
  readonly name: string
  /** What stands for it where it is not set; undefined: nothing may. */
  readonly fallback: string | undefined
  /** A constant of the settings that its name calls a secret: its value is not carried over. */
  readonly withheld?: boolean
}

export interface Plain {
  readonly kind: 'plain'
  readonly line: number
  readonly value: number | bigint | boolean | null
}

/** A list, tuple or set. Later statements change it in place, as in Python. */
export interface List {
  readonly kind: 'list'
  readonly line: number
  readonly items: Value[]
  /** Lines of statements that may change it and are not executed. */
  readonly doubts: number[]
}

/** Changed in place, as a list is. */
export interface Dict {
  readonly kind: 'dict'
  readonly line: number
  /** By the text of the key. */
  readonly entries: Map<string, Entry>
  /** Parts of it of which not even the keys are known. */
  readonly lost: Unknown[]
  readonly doubts: number[]
}

export interface Entry {
  readonly key: Text
  readonly value: Value
}

/** Something with a name that is no literal: a module, a function, a constant of another file. */
export interface Reference {
  readonly kind: 'reference'
  readonly line: number
  /** As in `os.environ.get`. */
  readonly path: string
  /** As in `X is imported from .secrets`. */
  readonly what: string
}

export interface Unknown {
  readonly kind: 'unknown'
  readonly line: number
  /** As in `get_secret() would have to be called`. */
  readonly reason: string
}

export function textOf(line: number, ...parts: readonly Part[]): Text {
  const joined: Part[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    if (typeof part === 'string' && typeof last === 'string') joined[joined.length - 1] = last + part
    else if (part !== '') joined.push(part)
  }
  return { kind: 'text', line, parts: joined }
}

export function plainOf(line: number, value: Plain['value']): Plain {
  return { kind: 'plain', line, value }
}

export function listOf(line: number, items: readonly Value[]): List {
  return { kind: 'list', line, items: [...items], doubts: [] }
}

export function dictOf(line: number): Dict {
  return { kind: 'dict', line, entries: new Map(), lost: [], doubts: [] }
}

export function unknown(line: number, reason: string): Unknown {
  return { kind: 'unknown', line, reason }
}

/** The text, where no variable is in it. */
export function literal(value: Value | undefined): string | undefined {
  if (value?.kind !== 'text' || value.parts.length > 1) return undefined
  const [part = ''] = value.parts
  return typeof part === 'string' ? part : undefined
}

/** As f-strings and `%s` write it. Undefined: that cannot be told. */
export function asText(value: Value): Text | undefined {
  if (value.kind === 'text') return value
  if (value.kind !== 'plain' || (typeof value.value === 'number' && !Number.isSafeInteger(value.value)))
    return undefined
  const words: Readonly<Record<string, string>> = { true: 'True', false: 'False', null: 'None' }
  return textOf(value.line, words[String(value.value)] ?? String(value.value))
}

/** Whether Python takes it for true. Undefined: that cannot be told. */
export function truth(value: Value): boolean | undefined {
  if (value.kind === 'plain') return Boolean(value.value)
  if (value.kind === 'list') return value.items.length > 0
  if (value.kind === 'dict') return value.entries.size > 0 || (value.lost.length > 0 ? undefined : false)
  const text = literal(value)
  return text === undefined ? undefined : text !== ''
}

/** `[*list, *other]` */
export function extend(list: List, other: Value): void {
  if (other.kind === 'list') {
    list.items.push(...other.items)
    list.doubts.push(...other.doubts)
  } else list.items.push(unknown(other.line, `it is no list here${because(other)}`))
}

export function setEntry(dict: Dict, key: Value | undefined, value: Value): void {
  const text = key && asText(key)
  if (text === undefined) dict.lost.push(unknown(key?.line ?? dict.line, `a key is no text${because(key)}`))
  else dict.entries.set(idOf(text), { key: text, value })
}

export function entryOf(dict: Dict, key: Value): Value | undefined {
  const text = asText(key)
  return text && dict.entries.get(idOf(text))?.value
}

/** `{**dict, **other}`: what the second has wins. */
export function mergeInto(dict: Dict, other: Value): void {
  if (other.kind === 'dict') {
    for (const [id, entry] of other.entries) dict.entries.set(id, entry)
    dict.lost.push(...other.lost)
    dict.doubts.push(...other.doubts)
  } else dict.lost.push(unknown(other.line, `what is merged into it is no dict here${because(other)}`))
}

/** As in `: get_secret() would have to be called`. */
export function because(value: Value | undefined): string {
  if (value?.kind === 'unknown') return `: ${value.reason}`
  return value?.kind === 'reference' ? `: ${value.what}` : ''
}

function idOf({ parts }: Text): string {
  return parts.map((part) => (typeof part === 'string' ? part : `\${${part.name}}`)).join('')
}
