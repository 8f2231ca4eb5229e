import type { FieldPaths } from '../../contract/alert.ts'
import type { Limits } from '../limits.ts'
import { type Bounds, boundsOf } from './bounds.ts'
import type { SchemaVersion } from './changes.ts'
import { type AvroReader, compileReader } from './compile.ts'
import { AvroCursor } from './cursor.ts'
import type { AvroType } from './schema.ts'
import { wantedOf } from './wanted.ts'

const KEPT_PROJECTIONS = 64

export interface AvroBlock {
  readonly records: number
  readonly bytes: Uint8Array
}

/** One schema's readers, each compiled when it is first used. */
export class AvroReaders {
  readonly type: AvroType
  /** Of a record's schema. */
  readonly version: SchemaVersion | undefined
  readonly #bounds: Bounds
  readonly #smallest: number
  readonly #values: number
  #whole: AvroReader | undefined
  #byPaths = new Map<FieldPaths, AvroReader>()

  constructor(type: AvroType, version?: SchemaVersion) {
    this.type = type
    this.version = version
    this.#bounds = boundsOf(type)
    this.#smallest = this.#bounds.smallest(type)
    this.#values = this.#bounds.values(type)
  }

  /** The records of blocks that hold nothing else. */
  records(blocks: readonly AvroBlock[], limits: Limits): unknown[] {
    let { values } = limits
    return blocks.flatMap(({ records, bytes }) => {
      const cursor = this.#begin(bytes, records, { depth: limits.depth, values })
      this.#whole ??= compileReader(this.type, 'all', this.#bounds)
      const read = this.#whole
      const whole = Array.from({ length: records }, () => read(cursor))
      if (cursor.left !== 0) throw new Error(`${cursor.left} bytes are left over behind the record`)
      values = cursor.values
      return whole
    })
  }

  /** These fields of one record; give the same list each time, it is what the reader is remembered by. */
  fields(bytes: Uint8Array, paths: FieldPaths, limits: Limits): unknown {
    const cursor = this.#begin(bytes, 1, limits)
    let read = this.#byPaths.get(paths)
    if (read === undefined) {
      if (this.#byPaths.size >= KEPT_PROJECTIONS) this.#byPaths.clear()
      read = compileReader(this.type, wantedOf(paths), this.#bounds)
      this.#byPaths.set(paths, read)
    }
    return read(cursor)
  }

  #begin(bytes: Uint8Array, records: number, limits: Pick<Limits, 'depth' | 'values'>): AvroCursor {
    const { depth } = this.#bounds
    if (depth > limits.depth) throw new Error(`its schema nests ${depth} deep, and MAX_DEPTH is ${limits.depth}`)
    const cursor = new AvroCursor(bytes, limits)
    cursor.hold(records, this.#smallest, this.#values)
    return cursor
  }
}
