import type { Notes } from './notes.ts'
import { variableFor, textIn, written } from './texts.ts'
import { type Mapping, type MappingEntry, scalar, type Tree } from './tree.ts'
import { because, type Dict, type List, type Value } from './value.ts'

const DEEPEST = 50

/** Where a value stands, and what may be shown of it. */
export interface Place {
  /** As people call it: `GROUP_ID`, or `TOPIC_HANDLERS of the Hopskotch stream`. */
  readonly key: string
  readonly secret: boolean
  /** An option that we have: with its default it might mean something else, so that a variable stands for it. */
  readonly known?: boolean
  /** The environment variable that is to hold it where it is a secret or cannot be told. */
  readonly variable: string
  readonly depth?: number
}

/** A remark in place of what is left out. */
export interface LeftOut {
  readonly kind: 'left out'
  readonly remark: string
}

export type Carried = Tree | LeftOut

/** A value of the settings as YAML; what cannot be told, and what is a secret, is left out or a variable, and noted. */
export function carry(value: Value, place: Place, inner: (key: string, place: Place) => Place, notes: Notes): Carried {
  const { key, depth = 0 } = place
  if (depth > DEEPEST) return leaveOut(value.line, key, 'it is nested too deeply', notes, 'write it here')
  if (value.kind === 'unknown' || value.kind === 'reference')
    return place.secret || place.known
      ? variableFor(value, place, notes)
      : leaveOut(value.line, key, because(value).slice(2), notes, remedyFor(place))
  if (value.kind === 'plain' && place.secret && value.value !== null) return variableFor(value, place, notes)
  if (value.kind === 'plain') return scalar(value.value)
  if (value.kind === 'text') return place.secret ? variableFor(value, place, notes) : textIn(value, place, notes)
  const remarks = doubtsOf(value, key, notes)
  if (value.kind === 'list') {
    const items = value.items.map((item) => carry(item, { ...place, depth: depth + 1 }, inner, notes))
    return { kind: 'sequence', items: items.filter(isTree), remarks: [...remarks, ...leftOutOf(items)] }
  }
  return carryDict(value, key, notes, (name, entry) => {
    const within = inner(name, place)
    const secret = place.secret || within.secret
    return { key: name, value: carry(entry, { ...within, secret, depth: depth + 1 }, inner, notes) }
  })
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
