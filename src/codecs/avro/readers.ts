import type { FieldPaths } from '../../contract/alert.ts'
import { type AvroReader, compileReader } from './compile.ts'
import { type AvroType, readSchema } from './schema.ts'
import { smallestSize } from './size.ts'
import { wantedOf } from './wanted.ts'
import { utf8 } from '../json.ts'
import { report } from '../report.ts'

/** Distinct schemas kept compiled: compiling one takes milliseconds, a survey has a handful. */
const KEPT_SCHEMAS = 64
const KEPT_PROJECTIONS = 64

/** One schema's readers. */
export class AvroReaders {
  readonly smallest: number
  /** Reads whole records. */
  readonly all: AvroReader
  private readonly type: AvroType
  private byPaths = new Map<FieldPaths, AvroReader>()

  constructor(type: AvroType) {
    this.type = type
    this.smallest = smallestSize(type)
    this.all = compileReader(type)
  }

  /** Reads these fields of a record; give the same list each time, it is what the reader is remembered by. */
  some(paths: FieldPaths): AvroReader {
    let reader = this.byPaths.get(paths)
    if (reader === undefined) {
      if (this.byPaths.size >= KEPT_PROJECTIONS) this.byPaths.clear()
      reader = compileReader(this.type, wantedOf(paths))
      this.byPaths.set(paths, reader)
    }
    return reader
  }
}

/** The one used last comes first. */
const kept: { schema: Buffer; readers: AvroReaders }[] = []

/** The readers of a schema text, recognised by its bytes. */
export function readersOf(schema: Uint8Array): AvroReaders {
  const index = kept.findIndex((one) => one.schema.length === schema.length && one.schema.equals(schema))
  const found = kept[index]
  if (found === undefined) return compile(schema)
  if (index > 0) kept.unshift(...kept.splice(index, 1))
  return found.readers
}

function compile(schema: Uint8Array): AvroReaders {
  const { type, notes } = readSchema(JSON.parse(utf8(schema)))
  const readers = new AvroReaders(type)
  if (notes.length > 0) report('avro', type.kind === 'record' ? type.name : type.kind, notes)
  kept.unshift({ schema: Buffer.from(schema), readers })
  if (kept.length > KEPT_SCHEMAS) kept.pop()
  return readers
}
