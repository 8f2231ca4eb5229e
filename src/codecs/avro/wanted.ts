import type { FieldPaths } from '../../contract/alert.ts'

/** What of a value is read: all of it, or of a record these fields. */
export type Wanted = 'all' | ReadonlyMap<string, Wanted>

/** Paths as a tree; where one path is the beginning of another, it counts. */
export function wantedOf(paths: FieldPaths): Wanted {
  const tree = new Map<string, Wanted>()
  for (const [first, below] of Map.groupBy(paths, ([first]) => first)) {
    if (first === undefined) return 'all'
    tree.set(first, wantedOf(below.map((path) => path.slice(1))))
  }
  return tree
}
