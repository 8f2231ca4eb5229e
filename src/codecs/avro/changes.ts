import { report } from '../report.ts'
import type { AvroRecord, AvroType } from './schema.ts'

/** Kinds of records, pairs of their schemas, fields of one of them, and fields named in a report. */
const MOST_RECORDS = 64
const MOST_PAIRS = 200
const MOST_FIELDS = 5000
const MOST_NAMED = 20

/** One version of a record. */
export interface SchemaVersion {
  readonly type: AvroRecord
  /** The same for all versions. */
  readonly record: string
  /** Names the version in reports. */
  readonly label: string
}

const lastSeen = new Map<string, SchemaVersion>()
const pairs = new Set<string>()

/** `digest` tells the schema's text from all others. */
export function versionOf(type: AvroRecord, digest: string): SchemaVersion {
  return { type, record: withoutVersion(type.name), label: `${type.name} (${digest.slice(0, 8)})` }
}

/**
 * Called when alerts begin to have this schema, which may be for the first time or again. Reports how it differs from
 * the one before, if that has a record of the same name; the same change once only, even if two versions alternate.
 */
export function noteVersion(now: SchemaVersion): void {
  const before = lastSeen.get(now.record)
  if (before === now) return
  lastSeen.delete(now.record)
  lastSeen.set(now.record, now)
  for (const oldest of lastSeen.keys()) if (lastSeen.size > MOST_RECORDS) lastSeen.delete(oldest)
  if (before === undefined || before.label === now.label) return
  const pair = `${now.label} after ${before.label}`
  if (pairs.has(pair) || pairs.size >= MOST_PAIRS) return
  pairs.add(pair)
  const changes = changesOf(before.type, now.type)
  if (changes.length > 0) report('avro', pair, changes)
}

/** `lsst.v11_0.alert` and `lsst.v11_1.alert` are versions of one record. */
function withoutVersion(name: string): string {
  return name.replace(/\.v\d+(_\d+)*(?=\.)/, '')
}

/** How many fields were added, removed and retyped from one schema to the next, and which. */
export function changesOf(before: AvroRecord, after: AvroRecord): readonly string[] {
  const [old, now] = [fieldsOf(before), fieldsOf(after)]
  const added = [...now.keys()].filter((path) => !old.has(path))
  const removed = [...old.keys()].filter((path) => !now.has(path))
  const retyped = [...now].filter(([path, type]) => old.has(path) && old.get(path) !== type)
  return [
    listed(
      'added',
      added.map((path) => `${path} (${now.get(path)})`)
    ),
    listed('removed', removed),
    listed(
      'retyped',
      retyped.map(([path, type]) => `${path} (${old.get(path)} to ${type})`)
    )
  ].filter((note) => note !== '')
}

function listed(what: string, fields: readonly string[]): string {
  if (fields.length === 0) return ''
  const more = fields.length > MOST_NAMED ? `, and ${fields.length - MOST_NAMED} more` : ''
  return `${fields.length} ${fields.length === 1 ? 'field' : 'fields'} ${what}: ${fields.slice(0, MOST_NAMED).join(', ')}${more}`
}

/** Types by path, as `candidate.drb`; lists, maps and unions are looked through. */
function fieldsOf(record: AvroRecord): Map<string, string> {
  const fields = new Map<string, string>()
  const above = new Set<AvroType>()
  function visit(type: AvroType, path: string): void {
    if (type.kind === 'array' || type.kind === 'map') return visit(type.items, path)
    if (type.kind === 'union') for (const branch of type.branches) visit(branch, path)
    if (type.kind !== 'record' || above.has(type)) return
    above.add(type)
    for (const field of type.fields) {
      if (fields.size >= MOST_FIELDS) break
      const own = path === '' ? field.name : `${path}.${field.name}`
      fields.set(own, typeText(field.type))
      visit(field.type, own)
    }
    above.delete(type)
  }
  visit(record, '')
  return fields
}

/** Of a record only that it is one: its name may change with the version, its fields have paths of their own. */
function typeText(type: AvroType): string {
  switch (type.kind) {
    case 'union':
      return unionText(type.branches).slice(0, 200)
    case 'array':
    case 'map':
      return `${type.kind} of ${typeText(type.items)}`
    case 'fixed':
      return `fixed of ${type.size} bytes`
    case 'enum':
      return `enum of ${type.symbols.length}: ${type.symbols.slice(0, 20).join(', ')}`.slice(0, 200)
    default:
      return type.kind
  }
}

/** Null comes last: in which order the branches stand is nothing that a reader sees. */
function unionText(branches: readonly AvroType[]): string {
  const texts = branches.filter(({ kind }) => kind !== 'null').map(typeText)
  return [...texts.toSorted(), ...(texts.length < branches.length ? ['null'] : [])].join(' | ')
}
