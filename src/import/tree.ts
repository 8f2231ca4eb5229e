/** YAML to be, with what has to be said at the place. */
export type Tree = Scalar | Sequence | Mapping

export interface Scalar {
  readonly kind: 'scalar'
  readonly value: string | number | bigint | boolean | null
  /** Said behind it. */
  readonly remark?: string | undefined
}

export interface Sequence {
  readonly kind: 'sequence'
  readonly items: readonly Tree[]
  /** Said where its end is. */
  readonly remarks: readonly string[]
}

export interface Mapping {
  readonly kind: 'mapping'
  readonly entries: readonly MappingEntry[]
  /** Said where its end is. */
  readonly remarks: readonly string[]
}

export interface MappingEntry {
  readonly key: string
  readonly value: Tree
}

export function scalar(value: Scalar['value'], remark?: string): Scalar {
  return { kind: 'scalar', value, remark }
}
