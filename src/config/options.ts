import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Field, Fields, OptionsOf } from '../contract/options.ts'
import { position } from './format.ts'
import { reportMissing, type Scope } from './scope.ts'
import { nearest } from './spelling.ts'
import { type Entry, isNull, isUnknown, type MapNode, type Node, type Place, plain, shownPath } from './tree.ts'

/** The keys that a map of these options may have. */
export function optionKeys(fields: Fields): readonly string[] {
  return Object.entries(fields).flatMap(([name, field]) => keysOf(name, field))
}

/** The keys by which one option may be given: a secret one as a file too. */
function keysOf(name: string, { secret, aliases }: Field<unknown>): readonly string[] {
  const names = [name, ...aliases]
  return secret ? [...names, ...names.map((one) => `${one}_FILE`)] : names
}

/**
 * The values of declared options, paths absolute. Undefined if there is a problem (reported) or a variable that is not
 * set. Keys that are no options are left to `checkKeys`.
 */
export async function readOptions<F extends Fields>(
  map: MapNode,
  at: Place,
  fields: F,
  owner: string,
  scope: Scope
): Promise<OptionsOf<F> | undefined> {
  const values: Record<string, unknown> = {}
  const missing: string[] = []
  let sound = true
  for (const [name, field] of Object.entries(fields)) {
    const given = await givenNode(map, name, field, scope)
    if (given === 'unknown') sound = false
    else if (given !== undefined) {
      const value = readValue(given, field, scope)
      if (value === undefined) sound = false
      values[name] = value
    } else if (field.required) missing.push(name)
    else values[name] = absolute(field, field.fallback, at)
  }
  if (missing.length === 0) return sound ? (values as OptionsOf<F>) : undefined
  const remedy = missing.map((name) => `${name}: ${fields[name]!.doc}`).join('\n  ')
  scope.report.problem(at, `${owner} needs ${missing.join(', ')}`, remedy)
  return undefined
}

interface Given {
  /** As it was written: the option's name or another that it has. */
  readonly key: string
  readonly node: Node
}

/** What gives an option, which for a secret may be a file's text. */
async function givenNode(
  map: MapNode,
  name: string,
  field: Field<unknown>,
  scope: Scope
): Promise<Given | 'unknown' | undefined> {
  const [entry, other] = keysOf(name, field).flatMap((key) => presentEntry(map, key) ?? [])
  if (entry === undefined) return undefined
  if (isUnknown(entry.node) || (other && isUnknown(other.node))) return 'unknown'
  if (other !== undefined) {
    const rule = `${entry.key} and ${other.key} are both given; ${entry.key} at ${position(entry.at)}`
    scope.report.problem(other.at, rule, 'remove one of them')
    return 'unknown'
  }
  const isFile = entry.key !== name && !field.aliases.includes(entry.key)
  const node = isFile ? await secretFrom(entry, scope) : entry.node
  return node === undefined ? 'unknown' : { key: entry.key, node }
}

function presentEntry(map: MapNode, name: string): Entry | undefined {
  const entry = map.entries.get(name)
  return entry === undefined || isNull(entry.node) ? undefined : entry
}

async function secretFrom({ key, node }: Entry, scope: Scope): Promise<Node | undefined> {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') {
    scope.report.problem(node.place, `${key} must be a path`, 'name a file that holds the secret and nothing else')
    return undefined
  }
  const path = resolve(dirname(node.place.source.path), node.value)
  try {
    const value = (await readFile(path, 'utf8')).replace(/\r?\n$/, '')
    scope.report.keepSecret(value)
    return { ...node, value, written: value, inserted: [] }
  } catch {
    reportMissing(
      scope,
      node.place,
      `the file ${shownPath(path)} of ${key} cannot be read`,
      'check the path and its permissions'
    )
    return undefined
  }
}

/** Kinds that want numbers as numbers; all others get them as written. */
const NUMERIC = new Set(['integer', 'number', 'map', 'codec'])

/** The checked value; undefined was a problem. */
function readValue({ key, node }: Given, field: Field<unknown>, scope: Scope): unknown {
  if (field.secret) scope.report.hide(node, 1)
  const given = plain(node, !NUMERIC.has(field.kind))
  const read = field.read(given)
  if ('value' in read) return absolute(field, read.value, node.place)
  const near = typeof given === 'string' && field.choices ? nearest(given, field.choices) : undefined
  const remedy = near === undefined ? `${key}: ${field.doc}` : `did you mean ${near}?`
  scope.report.problem(node.place, `${key}: ${read.problem}`, remedy)
  return undefined
}

function absolute(field: Field<unknown>, value: unknown, place: Place): unknown {
  const folder = dirname(place.source.path)
  const whole = (path: string) => (/^\w+:\/\//.test(path) ? path : resolve(folder, path))
  if (field.kind === 'path' && typeof value === 'string') return whole(value)
  return field.kind === 'paths' && Array.isArray(value) ? value.map(whole) : value
}
