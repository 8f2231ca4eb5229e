import { relative } from 'node:path'
import type { LineCounter } from 'yaml'

/** A YAML file that was read. */
export interface Source {
  /** Absolute. */
  readonly path: string
  /** As shown to people. */
  readonly shown: string
  readonly text: string
  readonly lines: LineCounter
  /** Ranges of the text that hold a secret and are never shown. */
  readonly hidden: (readonly [from: number, to: number])[]
}

/** A path as shown to people: relative to the working folder where it lies in it. */
export function shownPath(path: string): string {
  const shorter = relative('', path)
  return shorter === '' || shorter.startsWith('..') ? path : shorter
}

/** A range of a source, offsets in characters. */
export interface Place {
  readonly source: Source
  readonly from: number
  readonly to: number
}

/** What a YAML file says, with places; aliases and merge keys are resolved. */
export type Node = MapNode | ListNode | ScalarNode

export interface MapNode {
  readonly kind: 'map'
  readonly place: Place
  readonly entries: ReadonlyMap<string, Entry>
}

export interface Entry {
  readonly key: string
  readonly at: Place
  readonly node: Node
}

export interface ListNode {
  readonly kind: 'list'
  readonly place: Place
  readonly items: readonly Node[]
}

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly place: Place
  readonly value: string | number | bigint | boolean | null
  /** As written: a password of digits keeps its leading zeros. */
  readonly written: string
  /** Values of variables that went into it. */
  readonly inserted: readonly string[]
  /** A variable in it is undefined, which has been reported: its value means nothing. */
  readonly unknown: boolean
}

/** The value as JavaScript has it; `asText` gives numbers as they were written. */
export function plain(node: Node, asText = false): unknown {
  if (node.kind === 'list') return node.items.map((item) => plain(item, asText))
  if (node.kind === 'map')
    return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plain(entry.node, asText)]))
  return asText && (typeof node.value === 'number' || typeof node.value === 'bigint') ? node.written : node.value
}

export function isNull(node: Node): boolean {
  return node.kind === 'scalar' && node.value === null && !node.unknown
}

/** True if a variable somewhere in it is undefined. */
export function isUnknown(node: Node): boolean {
  if (node.kind === 'scalar') return node.unknown
  if (node.kind === 'list') return node.items.some(isUnknown)
  return [...node.entries.values()].some((entry) => isUnknown(entry.node))
}

/** The entry's value if it is a map; an absent entry and null are none. */
export function mapOf(entry: Entry | undefined): MapNode | undefined {
  return entry?.node.kind === 'map' ? entry.node : undefined
}

/**
 * The place of a character of a text scalar. Where it cannot be told (escapes, folded lines, variables), the scalar's
 * start.
 */
export function placeWithin(node: ScalarNode, text: string, offset: number, length = 1): Place {
  const { source, from, to } = node.place
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1
  const line = text.slice(lineStart).split('\n', 1)[0]!
  const written = source.text.slice(from, to)
  const at = line === '' ? -1 : written.indexOf(line)
  if (at < 0 || written.indexOf(line, at + 1) >= 0) return { source, from, to }
  const start = from + at + offset - lineStart
  return { source, from: start, to: Math.min(start + Math.max(length, 1), Math.max(to, start + 1)) }
}
