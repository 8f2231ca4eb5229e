import { position } from './format.ts'
import type { Report } from './report.ts'
import { didYouMean } from './spelling.ts'
import { type Entry, isNull, type MapNode, type Node } from './tree.ts'

/** Every key must be a known one; under a `tolerant` class (the TOM world's) others only warn. */
export function checkKeys(
  map: MapNode,
  known: readonly string[],
  owner: string,
  report: Report,
  tolerant = false
): void {
  for (const { key, at } of map.entries.values()) {
    if (known.includes(key)) continue
    if (tolerant) report.warning(at, `${key} is ignored: it is no option of ${owner}`, didYouMean(key, known))
    else report.problem(at, `${key} is not known in ${owner}`, didYouMean(key, known))
  }
}

/** The node as a map; null is an empty one, anything else a problem. */
export function asMap(
  node: Node,
  owner: string,
  report: Report,
  remedy = 'write KEY: value pairs, indented below it'
): MapNode | undefined {
  if (node.kind === 'map') return node
  if (isNull(node)) return { kind: 'map', place: node.place, entries: new Map() }
  if (node.kind !== 'scalar' || !node.unknown) report.problem(node.place, `${owner} must be a map`, remedy)
  return undefined
}

/** A key given twice is a problem that names both places. */
export function addEntry(entries: Map<string, Entry>, entry: Entry, report: Report): void {
  const first = entries.get(entry.key)
  if (first === undefined) entries.set(entry.key, entry)
  else report.problem(entry.at, `${entry.key} is given twice; first at ${position(first.at)}`, 'remove one of them')
}
