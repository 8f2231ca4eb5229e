import type { AvroType } from './schema.ts'

const sizes = { null: 0, boolean: 1, float: 4, double: 8 } as const

/** Bytes that every value of the type takes, if they all take the same. */
export function fixedSize(type: AvroType): number | undefined {
  if (type.kind === 'fixed') return type.size
  return type.kind in sizes ? sizes[type.kind as keyof typeof sizes] : undefined
}

/** The fewest bytes that a value of the type can take; a recursive record counts as 0 within itself. */
export function smallestSize(type: AvroType, known = new Map<AvroType, number>()): number {
  if (type.kind !== 'record') return fixedSize(type) ?? 1
  const size = known.get(type)
  if (size !== undefined) return size
  known.set(type, 0)
  const sum = type.fields.reduce((total, field) => total + smallestSize(field.type, known), 0)
  known.set(type, sum)
  return sum
}
