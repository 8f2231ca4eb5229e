import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Document, isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, type Scalar } from 'yaml'
import { addEntry } from './keys.ts'
import type { Report } from './report.ts'
import { hideSecretLines } from './secrets.ts'
import { reportSyntax } from './syntax.ts'
import { type Entry, type MapNode, type Node, type Place, type ScalarNode, type Source, shownPath } from './tree.ts'

const DEEPEST = 100

/** Reads one file into a tree; what is wrong with it is in the report, and then there is no tree. */
export async function readYaml(file: string, report: Report, remedy: string): Promise<MapNode | undefined> {
  const path = resolve(file)
  const shown = shownPath(path)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    report.problem(undefined, `${shown}: ${unreadable(error)}`, remedy)
    return undefined
  }
  return parse({ path, shown, text, lines: new LineCounter(), hidden: [] }, report)
}

function unreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'there is no such file'
  return code === 'EISDIR' ? 'this is a folder' : `the file cannot be read (${String(code)})`
}

function parse(source: Source, report: Report): MapNode | undefined {
  const document = parseDocument(source.text, {
    lineCounter: source.lines,
    prettyErrors: false,
    uniqueKeys: false,
    merge: true
  })
  const start: Place = { source, from: 0, to: 1 }
  if (document.errors.length > 0) {
    hideSecretLines(source)
    reportSyntax(source, document.errors, report)
    return undefined
  }
  if (document.contents === null) {
    report.problem(start, 'the file is empty', 'it needs at least ALERT_STREAMS with one stream')
    return undefined
  }
  const root = new Converter(document, source, report).convert(document.contents, 0)
  if (root?.kind === 'map') return root
  report.problem(root?.place ?? start, 'the file must be a map', 'start it with ALERT_STREAMS:')
  return undefined
}

/** From the YAML library's tree to ours. */
class Converter {
  readonly #document: Document
  readonly #source: Source
  readonly #report: Report

  constructor(document: Document, source: Source, report: Report) {
    this.#document = document
    this.#source = source
    this.#report = report
  }

  convert(node: unknown, depth: number): Node | undefined {
    const place = this.#place(node)
    if (depth > DEEPEST) {
      this.#report.problem(place, 'this is nested too deeply', 'an alias may not contain itself')
      return undefined
    }
    if (isAlias(node)) {
      const target = node.resolve(this.#document)
      if (target !== undefined) return this.convert(target, depth + 1)
      this.#report.problem(
        place,
        `no anchor &${node.source} comes before this alias`,
        'quote the text if it is no alias'
      )
      return undefined
    }
    if (isMap(node)) return this.#map(node.items, place, depth)
    if (isSeq(node)) {
      const items = node.items.map((item) => this.convert(item, depth + 1))
      return { kind: 'list', place, items: items.filter((item) => item !== undefined) }
    }
    return isScalar(node) ? scalar(node, place) : scalar(undefined, place)
  }

  #map(pairs: readonly unknown[], place: Place, depth: number): MapNode {
    const entries = new Map<string, Entry>()
    const merged: Entry[] = []
    for (const pair of pairs) {
      if (!isPair(pair)) continue
      const at = this.#place(pair.key)
      const node = pair.value === null ? scalar(undefined, at) : this.convert(pair.value, depth + 1)
      if (node === undefined) continue
      const name = isScalar(pair.key) ? pair.key.value : undefined
      if (name === '<<' || typeof name === 'symbol') {
        merged.push(...entriesOf(node))
        continue
      }
      if (!isScalar(pair.key)) {
        this.#report.problem(at, 'a key must be text', 'put it in quotes')
        continue
      }
      addEntry(entries, { key: pair.key.source ?? String(name), at, node }, this.#report)
    }
    for (const entry of merged) if (!entries.has(entry.key)) entries.set(entry.key, entry)
    return { kind: 'map', place, entries }
  }

  #place(node: unknown): Place {
    const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
    const [from, to] = Array.isArray(range) ? (range as number[]) : [0, 1]
    return { source: this.#source, from: from!, to: Math.max(to!, from! + 1) }
  }
}

function entriesOf(node: Node): readonly Entry[] {
  if (node.kind === 'list') return node.items.flatMap(entriesOf)
  return node.kind === 'map' ? [...node.entries.values()] : []
}

function scalar(node: Scalar | undefined, place: Place): ScalarNode {
  const value = node?.value
  const known =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
  const written = node?.source ?? String(value ?? '')
  return { kind: 'scalar', place, value: known ? value : null, written, inserted: [], unknown: false }
}
