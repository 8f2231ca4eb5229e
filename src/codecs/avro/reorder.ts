import { type Limits, usualLimits } from '../limits.ts'
import { type Bounds, boundsOf } from './bounds.ts'
import { AvroCursor } from './cursor.ts'
import type { AvroBlock } from './readers.ts'
import { fixedSize } from './size.ts'
import type { AvroType } from './schema.ts'
import type { Reordered } from './strict.ts'

/**
 * Makes of records the same records as they are written when branches of unions have another order: of the same length,
 * since nothing but the indices of those unions changes. What it gives throws on what was not written as the type says.
 */
export function reorderer(type: AvroType, reordered: Reordered): (block: AvroBlock, limits?: Limits) => AvroBlock {
  const bounds = boundsOf(type)
  return ({ records, bytes }, limits = usualLimits) => {
    const walk = new Walk(bytes, bounds, reordered, limits)
    return { records, bytes: walk.records(records, type) }
  }
}

class Walk {
  readonly #cursor: AvroCursor
  readonly #out: Buffer
  readonly #bounds: Bounds
  readonly #reordered: Reordered

  constructor(bytes: Uint8Array, bounds: Bounds, reordered: Reordered, limits: Limits) {
    this.#cursor = new AvroCursor(bytes, limits)
    this.#out = Buffer.from(bytes)
    this.#bounds = bounds
    this.#reordered = reordered
  }

  records(count: number, type: AvroType): Uint8Array {
    this.#cursor.hold(count, this.#bounds.smallest(type), 1)
    for (let record = 0; record < count; record++) this.#value(type)
    if (this.#cursor.left !== 0) throw new Error(`${this.#cursor.left} bytes are left over behind the record`)
    return this.#out
  }

  #value(type: AvroType): void {
    const size = fixedSize(type)
    if (size !== undefined) return this.#cursor.skip(size)
    switch (type.kind) {
      case 'union':
        return this.#value(type.branches[this.#branch(type, type.branches.length)]!)
      case 'record':
        return this.#record(type)
      case 'array':
        return this.#items(type.items, false)
      case 'map':
        return this.#items(type.items, true)
      case 'bytes':
      case 'string':
        return this.#cursor.skipBytes()
      default:
        return this.#cursor.skipLong()
    }
  }

  #record(type: Extract<AvroType, { kind: 'record' }>): void {
    this.#cursor.enter(0)
    for (const field of type.fields) this.#value(field.type)
    this.#cursor.depth++
  }

  #items(type: AvroType, isMap: boolean): void {
    const smallest = this.#bounds.smallest(type) + (isMap ? 1 : 0)
    for (let left = this.#cursor.items(smallest, 1); left > 0; left = this.#cursor.items(smallest, 1)) {
      for (; left > 0; left--) {
        if (isMap) this.#cursor.skipBytes()
        this.#value(type)
      }
    }
  }

  /** The new index takes as many bytes as the old one: a number may have empty groups of bits behind it. */
  #branch(type: AvroType, count: number): number {
    const start = this.#cursor.position
    const index = this.#cursor.index(count)
    const now = this.#reordered.get(type)?.[index] ?? index
    if (now === index) return index
    const end = this.#cursor.position
    let rest = now * 2
    for (let at = start; at < end; at++, rest >>>= 7) this.#out[at] = (rest & 0x7f) | (at < end - 1 ? 0x80 : 0)
    if (rest > 0) throw new Error(`a union of ${count} branches, of which the last would come first`)
    return index
  }
}
