import { addEntry } from './keys.ts'
import type { Report } from './report.ts'
import { didYouMean } from './spelling.ts'
import { type Entry, isNull, type ListNode, type MapNode } from './tree.ts'

export const topKeys = ['ALERT_STREAMS', 'SINKS', 'DATA_SHARING', 'DEFAULTS', 'RUNNER'] as const

/** Several files as one: ALERT_STREAMS one after the other, the maps by their keys. */
export function mergeFiles(roots: readonly [MapNode, ...MapNode[]], report: Report): MapNode {
  const merged = new Map<string, Entry>()
  for (const root of roots) {
    for (const entry of root.entries.values()) {
      const first = merged.get(entry.key)
      if (!(topKeys as readonly string[]).includes(entry.key)) {
        report.problem(entry.at, `${entry.key} is not known at the top level`, didYouMean(entry.key, topKeys))
      } else merged.set(entry.key, first === undefined ? entry : joined(first, entry, report))
    }
  }
  return { ...roots[0], entries: merged }
}

function joined(first: Entry, second: Entry, report: Report): Entry {
  if (isNull(second.node)) return first
  if (isNull(first.node)) return second
  if (first.node.kind === 'list' && second.node.kind === 'list') {
    const node: ListNode = { ...first.node, items: [...first.node.items, ...second.node.items] }
    return { ...first, node }
  }
  if (first.node.kind === 'map' && second.node.kind === 'map') {
    const entries = new Map(first.node.entries)
    for (const entry of second.node.entries.values()) addEntry(entries, entry, report)
    return { ...first, node: { ...first.node, entries } }
  }
  const odd = second.node.kind === (second.key === 'ALERT_STREAMS' ? 'list' : 'map') ? first : second
  report.problem(odd.at, `${odd.key} must be a ${odd.key === 'ALERT_STREAMS' ? 'list' : 'map'}`, 'as in the other file')
  return first
}
