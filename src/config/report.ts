import { formatFinding } from './format.ts'
import type { Node, Place } from './tree.ts'

/** One thing to say about a configuration. */
export interface Finding {
  readonly place: Place | undefined
  /** What is wrong, without the place. */
  readonly rule: string
  /** What to do about it. */
  readonly remedy: string | undefined
}

/** Collects everything that is wrong, so that all of it is said at once. */
export class Report {
  readonly #problems: Finding[] = []
  readonly #warnings: Finding[] = []
  readonly #secrets = new Set<string>()

  problem(place: Place | undefined, rule: string, remedy?: string): void {
    add(this.#problems, { place, rule, remedy })
  }

  warning(place: Place | undefined, rule: string, remedy?: string): void {
    add(this.#warnings, { place, rule, remedy })
  }

  /** The text is never shown, and what it holds counts as secret where it has that many characters. */
  hide(node: Node, shortest: number): void {
    const { source, from, to } = node.place
    if (!/^["']?\$\{\w+\}["']?$/.test(source.text.slice(from, to))) source.hidden.push([from, to])
    if (node.kind !== 'scalar') return
    const values = [...node.inserted, node.value ?? '', node.written]
    for (const value of values.map(String)) if (value.length >= shortest && !node.unknown) this.keepSecret(value)
  }

  keepSecret(value: string): void {
    if (value !== '') this.#secrets.add(value)
  }

  get count(): number {
    return this.#problems.length
  }

  get secrets(): readonly string[] {
    return [...this.#secrets]
  }

  problems(colour: boolean): readonly string[] {
    return this.#format(this.#problems, colour)
  }

  warnings(colour: boolean): readonly string[] {
    return this.#format(this.#warnings, colour)
  }

  #format(findings: readonly Finding[], colour: boolean): readonly string[] {
    return inOrder(findings).map((finding) => formatFinding(finding, this.secrets, colour))
  }
}

/** An inherited setting is read once for every route, and said once. */
function add(findings: Finding[], finding: Finding): void {
  const { place, rule } = finding
  const said = findings.some(
    (other) => other.rule === rule && other.place?.from === place?.from && other.place?.source === place?.source
  )
  if (!said) findings.push(finding)
}

/** By place within a file; files stay in the order in which they first came. */
function inOrder(findings: readonly Finding[]): readonly Finding[] {
  const files = [...new Set(findings.map(({ place }) => place?.source))]
  return findings.toSorted(
    (a, b) =>
      files.indexOf(a.place?.source) - files.indexOf(b.place?.source) || (a.place?.from ?? 0) - (b.place?.from ?? 0)
  )
}
