import { hash } from 'node:crypto'
import { utf8 } from '../json.ts'
import { report } from '../report.ts'
import { noteVersion, versionOf } from './changes.ts'
import { AvroReaders } from './readers.ts'
import { type AvroType, readSchema } from './schema.ts'

/** Distinct schemas kept compiled: compiling one takes milliseconds, a survey has a handful. */
const KEPT_SCHEMAS = 64
/** Of schema text, whatever a feed sends. */
const KEPT_BYTES = 8 * 1024 * 1024
/** Of those that came once only: a flood of schemas must not fill the memory with what is never used again. */
const KEPT_NEWCOMERS = 4
/** Digests of those that came, so that one that comes again is no newcomer. */
const MOST_MET = 1000
/** LSST's take some 70 kB, their documentation included. */
export const MOST_SCHEMA_BYTES = 1024 * 1024

interface Kept {
  readonly schema: Buffer
  readonly readers: AvroReaders
  isNew: boolean
}

/** The one used last comes first. */
const kept: Kept[] = []
const met = new Set<string>()

/** The readers of a schema text, recognised by its bytes. */
export function readersOf(schema: Uint8Array): AvroReaders {
  const index = kept.findIndex((one) => one.schema.length === schema.length && one.schema.equals(schema))
  const found = index < 0 ? make(schema) : kept[index]!
  if (index >= 0) found.isNew = false
  if (index === 0) return found.readers
  if (index > 0) kept.splice(index, 1)
  else makeRoom(schema.length)
  kept.unshift(found)
  return inUse(found.readers)
}

function makeRoom(more: number): void {
  const newcomers = kept.filter(({ isNew }) => isNew)
  if (newcomers.length >= KEPT_NEWCOMERS) kept.splice(kept.indexOf(newcomers.at(-1)!), 1)
  let bytes = kept.reduce((sum, { schema }) => sum + schema.length, more)
  while (kept.length >= KEPT_SCHEMAS || (bytes > KEPT_BYTES && kept.length > 0)) bytes -= kept.pop()!.schema.length
}

/** To be told of readers that are remembered elsewhere, each time that they are used. */
export function inUse(readers: AvroReaders): AvroReaders {
  if (readers.version !== undefined) noteVersion(readers.version)
  return readers
}

function make(text: Uint8Array): Kept {
  if (text.length > MOST_SCHEMA_BYTES) throw new Error(`its schema takes ${text.length} bytes`)
  const { type, notes } = readSchema(JSON.parse(utf8(text)))
  if (notes.length > 0) report('avro', nameOf(type), notes)
  const digest = hash('sha256', text)
  const isNew = !met.has(digest)
  met.add(digest)
  for (const oldest of met) if (met.size > MOST_MET) met.delete(oldest)
  const version = type.kind === 'record' ? versionOf(type, digest) : undefined
  return { schema: Buffer.from(text), readers: new AvroReaders(type, version), isNew }
}

function nameOf(type: AvroType): string {
  return type.kind === 'record' ? type.name : type.kind
}
