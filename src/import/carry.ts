import type { Notes } from './notes.ts'
import { isIdentity, isPlaceholder } from './placeholders.ts'
import { type Mapping, type MappingEntry, type Scalar, scalar, type Tree } from './tree.ts'
import { asText, because, type Dict, type List, literal, type Part, type Text, type Value } from './value.ts'

const DEEPEST = 50

/** Where a value stands, and what may be shown of it. */
export interface Place {
  /** As people call it: `GROUP_ID`, or `TOPIC_HANDLERS of the Hopskotch stream`. */
  readonly key: string
  readonly secret: boolean
  /** The environment variable that is to hold it where it is a secret. */
  readonly variable: string
  readonly depth?: number
}

/** A remark in place of what is left out. */
export interface LeftOut {
  readonly kind: 'left out'
  readonly remark: string
}

export type Carried = Tree | LeftOut

/** A value of the settings as YAML; what cannot be told, and what is a secret, is left out and noted. */
export function carry(value: Value, place: Place, inner: (key: string, place: Place) => Place, notes: Notes): Carried {
  const { key, depth = 0 } = place
  if (depth > DEEPEST) return leaveOut(value.line, key, 'it is nested too deeply', notes, 'write it here')
  if (value.kind === 'unknown' || value.kind === 'reference')
    return place.secret
      ? secretOf(value, place, notes)
      : leaveOut(value.line, key, because(value).slice(2), notes, remedyFor(place))
  if (value.kind === 'plain' && place.secret && value.value !== null) return secretOf(value, place, notes)
  if (value.kind === 'plain') return scalar(value.value)
  if (value.kind === 'text') return place.secret ? secretOf(value, place, notes) : textIn(value, place, notes)
  const remarks = doubtsOf(value, key, notes)
  if (value.kind === 'list') {
    const items = value.items.map((item) => carry(item, { ...place, depth: depth + 1 }, inner, notes))
    return { kind: 'sequence', items: items.filter(isTree), remarks: [...remarks, ...leftOutOf(items)] }
  }
  return carryDict(value, key, notes, (name, entry) => ({
    key: name,
    value: carry(entry, { ...inner(name, place), depth: depth + 1 }, inner, notes)
  }))
}

/** What becomes of an entry: one, several, or none of which anything has to be said. */
export type CarriedEntry =
  | { readonly key: string; readonly value: Carried }
  | LeftOut
  | readonly CarriedEntry[]
  | undefined

/** A dict as a mapping, each entry by `carryEntry`. */
export function carryDict(
  dict: Dict,
  owner: string,
  notes: Notes,
  carryEntry: (key: string, value: Value) => CarriedEntry
): Mapping {
  const remarks = doubtsOf(dict, owner, notes)
  for (const { line, reason } of dict.lost)
    remarks.push(notes.add(line, `a part of ${owner} is left out: ${reason}`, 'write it here'))
  const entries: MappingEntry[] = []
  const take = (carried: CarriedEntry): void => {
    if (carried === undefined) return
    if (isSeveral(carried)) return carried.forEach(take)
    if ('remark' in carried) remarks.push(carried.remark)
    else if (carried.value.kind === 'left out') remarks.push(carried.value.remark)
    else entries.push({ key: carried.key, value: carried.value })
  }
  for (const { key, value } of dict.entries.values()) take(carryEntry(written(key, notes), value))
  return { kind: 'mapping', entries, remarks }
}

function isSeveral(carried: CarriedEntry): carried is readonly CarriedEntry[] {
  return Array.isArray(carried)
}

export function leaveOut(line: number, key: string, reason: string, notes: Notes, remedy: string): LeftOut {
  return { kind: 'left out', remark: notes.add(line, `${key} is left out: ${reason}`, remedy) }
}

function remedyFor({ key, variable }: Place): string {
  return /^\w+$/.test(key) ? `write its value, or a variable, as in ${key}: \${${variable}}` : 'write it here'
}

export function isTree(carried: Carried | undefined): carried is Tree {
  return carried !== undefined && carried.kind !== 'left out'
}

export function leftOutOf(carried: readonly (Carried | undefined)[]): string[] {
  return carried.flatMap((one) => (one?.kind === 'left out' ? [one.remark] : []))
}

export function doubtsOf({ doubts }: List | Dict, owner: string, notes: Notes): string[] {
  return [...new Set(doubts)].map((line) =>
    notes.add(
      line,
      `${owner} may be changed by this statement, which is not executed`,
      'change it here where it should be'
    )
  )
}

function textIn(text: Text, { key, variable: wanted }: Place, notes: Notes): Scalar {
  const whole = literal(text)
  const password = whole === undefined ? null : /^(\w+:\/\/[^/:@]*):[^/@]*@/.exec(whole)
  if (whole !== undefined && password !== null) {
    const remark = notes.add(text.line, `the password in ${key} is left out`, 'set PASSWORD to a variable')
    return scalar(escaped(`${password[1]}@${whole.slice(password[0].length)}`), remark)
  }
  if (whole !== undefined && isIdentity(key) && isPlaceholder(whole)) {
    notes.variables.add(wanted)
    return scalar(`\${${wanted}}`, notes.add(text.line, `${key} is a placeholder`, `set ${wanted} in the environment`))
  }
  const mustBeSet = text.parts.length > 1 || isIdentity(key)
  return scalar(written(text, notes, mustBeSet))
}

/** Its text in YAML; variables that are to be set are noted. */
function written({ line, parts }: Text, notes: Notes, mustBeSet = false): string {
  return parts
    .map((part) => (typeof part === 'string' ? escaped(part) : variable(part, line, notes, mustBeSet)))
    .join('')
}

function variable(part: Exclude<Part, string>, line: number, notes: Notes, mustBeSet: boolean): string {
  const { name, fallback, withheld } = part
  if (withheld) notes.add(line, `the value of ${name} is a secret and is not copied`, `set ${name} in the environment`)
  const useful = fallback !== undefined && !isPlaceholder(fallback) && !(mustBeSet && fallback === '')
  if (useful && !/\}|\$\{/.test(fallback)) return `\${${name}:-${fallback}}`
  if (useful) notes.add(line, `the default of ${name} cannot stand in YAML`, `set ${name} in the environment`)
  notes.variables.add(name)
  return `\${${name}}`
}

function escaped(text: string): string {
  return text.replaceAll('${', '$${')
}

/** One variable stays; everything else, defaults included, is not to be seen: a variable stands for it. */
function secretOf(value: Value, { key, variable: wanted }: Place, notes: Notes): Tree {
  const text = asText(value)
  const [first, ...more] = text?.parts ?? []
  if (text !== undefined && first === undefined) return scalar(null)
  if (typeof first === 'object' && more.length === 0) {
    const { name, fallback } = first
    if (fallback && !isPlaceholder(fallback))
      notes.add(
        value.line,
        `the default of ${name} is not copied: ${key} is a secret`,
        `set ${name} in the environment`
      )
    return scalar(variable({ ...first, fallback: undefined }, value.line, notes, true))
  }
  const [name, rule] = replaced(value, text, wanted, notes)
  notes.variables.add(name)
  return scalar(`\${${name}}`, notes.add(value.line, `${key} ${rule}`, `set ${name} in the environment`))
}

/** The variable for a secret, and what stood there. */
function replaced(value: Value, text: Text | undefined, wanted: string, notes: Notes): readonly [string, string] {
  if (isPlaceholder(literal(value) ?? '')) return [wanted, 'is a placeholder']
  if (text === undefined) return [wanted, `is not known here${because(value)}`]
  return [notes.variableFor(wanted, JSON.stringify(text.parts)), 'is a secret and is not copied']
}
