import { utf8 } from '../json.ts'
import { report } from '../report.ts'
import { noteVersion, versionOf } from './changes.ts'
import { AvroReaders } from './readers.ts'
import { type AvroType, readSchema } from './schema.ts'

/** Distinct schemas kept compiled: compiling one takes milliseconds, a survey has a handful. */
const KEPT_SCHEMAS = 64
/** Of schema text, whatever a feed sends. */
const KEPT_BYTES = 8 * 1024 * 1024
/** LSST's take some 70 kB, their documentation included. */
export const MOST_SCHEMA_BYTES = 1024 * 1024

interface Kept {
  readonly schema: Buffer
  readonly readers: AvroReaders
}

/** The one used last comes first. */
const kept: Kept[] = []
let keptBytes = 0

/** The readers of a schema text, recognised by its bytes. */
export function readersOf(schema: Uint8Array): AvroReaders {
  const index = kept.findIndex((one) => one.schema.length === schema.length && one.schema.equals(schema))
  if (index === 0) return kept[0]!.readers
  const found = index < 0 ? make(schema) : kept.splice(index, 1)[0]!
  kept.unshift(found)
  return inUse(found.readers)
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
  const schema = Buffer.from(text)
  keptBytes += schema.length
  while (kept.length >= KEPT_SCHEMAS || (keptBytes > KEPT_BYTES && kept.length > 0)) {
    keptBytes -= kept.pop()!.schema.length
  }
  const version = type.kind === 'record' ? versionOf(type, text) : undefined
  return { schema, readers: new AvroReaders(type, version) }
}

function nameOf(type: AvroType): string {
  return type.kind === 'record' ? type.name : type.kind
}
