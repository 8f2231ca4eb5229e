import { addEntry } from './keys.ts'
import type { Report } from './report.ts'
import { type Entry, type MapNode, type Node, placeWithin, type ScalarNode } from './tree.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const REFERENCE = /\$\$\{|\$\{([^}]*)(\}?)/g
const BODY = /^([A-Za-z_][A-Za-z0-9_]*)(?::([-?])(.*))?$/s

/** Puts environment variables into every text of the tree. In inactive streams undefined ones only warn. */
export function interpolate(root: MapNode, env: Environment, report: Report): MapNode {
  return new Interpolation(env, report).map(root, true)
}

class Interpolation {
  readonly #env: Environment
  readonly #report: Report

  constructor(env: Environment, report: Report) {
    this.#env = env
    this.#report = report
  }

  map(map: MapNode, active: boolean): MapNode {
    const entries = new Map<string, Entry>()
    for (const { key: written, at, node } of map.entries.values()) {
      const key = this.#text(written, { ...NO_VALUE, place: at, value: written }, active).text ?? written
      const value = key === 'ALERT_STREAMS' ? this.#streams(node) : this.#node(node, active)
      addEntry(entries, { key, at, node: value }, this.#report)
    }
    return { ...map, entries }
  }

  #streams(list: Node): Node {
    if (list.kind !== 'list') return this.#node(list, true)
    return { ...list, items: list.items.map((item) => this.#node(item, this.#isActive(item))) }
  }

  #isActive(stream: Node): boolean {
    const written = stream.kind === 'map' ? stream.entries.get('ACTIVE')?.node : undefined
    if (written === undefined) return true
    const active = this.#node(written, true)
    return !(active.kind === 'scalar' && String(active.value).toLowerCase() === 'false')
  }

  #node(node: Node, active: boolean): Node {
    if (node.kind === 'map') return this.map(node, active)
    if (node.kind === 'list') return { ...node, items: node.items.map((item) => this.#node(item, active)) }
    if (typeof node.value !== 'string' || !node.value.includes('${')) return node
    const { text, inserted } = this.#text(node.value, node, active)
    if (text === undefined) return { ...node, value: null, inserted, unknown: true }
    // An empty variable is one that was not given.
    return { ...node, value: text === '' ? null : text, written: text, inserted }
  }

  #text(value: string, node: ScalarNode, active: boolean): { text: string | undefined; inserted: readonly string[] } {
    const inserted: string[] = []
    let unknown = false
    const text = value.replace(REFERENCE, (whole, body: string | undefined, closed: string, at: number) => {
      if (body === undefined) return '${'
      const place = placeWithin(node, value, at, whole.length)
      const [, name, operator, rest = ''] = BODY.exec(body) ?? []
      if (closed === '' || name === undefined || rest.includes('${')) {
        this.#report.problem(
          place,
          closed === '' ? 'the variable is not closed' : `\${${body}} is not a variable`,
          `write \${VAR}, \${VAR:-default} or \${VAR:?message}; $$\{ stands for \${ itself`
        )
        unknown = true
        return ''
      }
      const found = this.#env[name]
      const given = operator === undefined ? found : found || (operator === '-' ? rest : undefined)
      if (given !== undefined) {
        inserted.push(given)
        return given
      }
      const rule = `the environment variable ${name} is not set${operator === '?' && rest !== '' ? `: ${rest}` : ''}`
      if (active)
        this.#report.problem(
          place,
          rule,
          operator === '?' ? `set ${name}` : `set ${name}, or write \${${name}:-default}`
        )
      else this.#report.warning(place, `${rule} (in a stream that is not active)`)
      unknown = true
      return ''
    })
    return { text: unknown ? undefined : text, inserted }
  }
}

const NO_VALUE = { kind: 'scalar', written: '', inserted: [], unknown: false } as const
