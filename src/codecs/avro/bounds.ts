import type { AvroRecord, AvroType } from './schema.ts'
import { smallestSize } from './size.ts'

/** What values of a schema's types may come to, known before one is read. */
export interface Bounds {
  /** Levels of records, lists and maps; those of a record within itself come on top. */
  readonly depth: number
  /** Each record that holds itself is reached through one of these. */
  readonly recursive: ReadonlySet<AvroRecord>
  /** The fewest bytes of a value. */
  smallest(type: AvroType): number
  /** The most values that one of the type holds, itself included; what is in lists, maps and `recursive` ones apart. */
  values(type: AvroType): number
}

export function boundsOf(root: AvroType): Bounds {
  const recursive = new Set<AvroRecord>()
  const depths = new Map<AvroType, number>()
  const counts = new Map<AvroType, number>()
  const sizes = new Map<AvroType, number>()
  const open = new Set<AvroType>()

  function depthOf(type: AvroType): number {
    const known = depths.get(type)
    if (known !== undefined) return known
    if (open.has(type)) {
      if (type.kind === 'record') recursive.add(type)
      return 0
    }
    open.add(type)
    const depth = Math.max(0, ...partsOf(type).map(depthOf)) + (type.kind === 'union' ? 0 : 1)
    open.delete(type)
    depths.set(type, depth)
    return depth
  }

  function valuesOf(type: AvroType, asPart = false): number {
    if (asPart && type.kind === 'record' && recursive.has(type)) return 0
    const known = counts.get(type)
    if (known !== undefined) return known
    let count = 1
    if (type.kind === 'record') for (const { type: part } of type.fields) count += valuesOf(part, true)
    if (type.kind === 'union') for (const branch of type.branches) count = Math.max(count, valuesOf(branch, true))
    counts.set(type, count)
    return count
  }

  return {
    depth: depthOf(root),
    recursive,
    smallest: (type) => smallestSize(type, sizes),
    values: (type) => valuesOf(type)
  }
}

function partsOf(type: AvroType): readonly AvroType[] {
  if (type.kind === 'record') return type.fields.map((field) => field.type)
  if (type.kind === 'union') return type.branches
  return type.kind === 'array' || type.kind === 'map' ? [type.items] : []
}
