import { codeOf, reasonOf } from '../contract/errors.ts'
import type { Fields, OptionsOf } from '../contract/options.ts'
import { asMap, checkKeys } from './keys.ts'
import { isPath, loadExport, type Wanted } from './modules.ts'
import { optionKeys, readOptions } from './options.ts'
import { reportMissing, type Scope } from './scope.ts'
import { didYouMean } from './spelling.ts'
import { isDotted } from './tom-names.ts'
import { type Entry, isNull, type MapNode, type Place, type ScalarNode } from './tree.ts'

interface ComponentClass {
  readonly fields: Fields
  readonly tomNames?: readonly string[]
}

/** A stream or sink class that a NAME stands for. */
export interface Component<C extends ComponentClass> {
  readonly Class: C
  /** The class's name. */
  readonly name: string
  /** Where NAME stands. */
  readonly at: Place
  /** Named as in a TOM: options that we do not know are no problem. */
  readonly tolerant: boolean
}

/** Finds the class by NAME: one of ours, a dotted TOM name, or `./path.ts#Export`. Undefined: a problem was reported. */
export async function loadComponent<C extends ComponentClass>(
  map: MapNode,
  at: Place,
  kind: 'stream' | 'sink',
  classes: Readonly<Record<string, C>>,
  scope: Scope
): Promise<Component<C> | undefined> {
  const known = Object.keys(classes)
  const node = map.entries.get('NAME')?.node
  if (node === undefined || isNull(node)) {
    scope.report.problem(at, `the ${kind} has no NAME`, `known: ${known.join(', ')}`)
    return undefined
  }
  if (node.kind !== 'scalar' || typeof node.value !== 'string') {
    if (node.kind !== 'scalar' || !node.unknown)
      scope.report.problem(node.place, 'NAME must be text', `known: ${known.join(', ')}`)
    return undefined
  }
  const named = node.value
  const found = (name: string, Class: C, tolerant: boolean) => ({ Class, name, at: node.place, tolerant })
  if (isPath(named)) return loadOwn<C>(node, named, kind, scope)
  const ours = Object.hasOwn(classes, named) ? classes[named] : undefined
  if (ours !== undefined) return found(named, ours, false)
  for (const [name, Class] of Object.entries(classes)) {
    if (Class.tomNames?.includes(named)) return found(name, Class, true)
  }
  const dotted = Object.values(classes).flatMap(({ tomNames }) => tomNames ?? [])
  const remedy = isDotted(named)
    ? didYouMean(named, dotted, `known: ${[...dotted, ...known].join(', ')}`)
    : didYouMean(named, known, `known: ${known.join(', ')}; a class of your own is a path, as in ./x.ts#${named}`)
  const rule = `there is no ${kind} ${named}`
  // A TOM never imports what is not active.
  if (isDotted(named)) reportMissing(scope, node.place, rule, remedy)
  else scope.report.problem(node.place, rule, remedy)
  return undefined
}

async function loadOwn<C extends ComponentClass>(
  node: ScalarNode,
  reference: string,
  kind: string,
  scope: Scope
): Promise<Component<C> | undefined> {
  const wanted: Wanted = {
    what: `a ${kind} class (with static fields)`,
    fits: (value) => typeof value === 'function' && 'fields' in value && typeof value.fields === 'object'
  }
  const found = await loadExport(node, reference, wanted, scope)
  if (found === undefined) return undefined
  const Class = found.value as C & { readonly name: string }
  return { Class, name: found.name === 'default' ? Class.name : found.name, at: node.place, tolerant: false }
}

/** Checked OPTIONS of a component, and a way to ask its class about them. */
export interface ComponentOptions {
  readonly options: OptionsOf<Fields>
  /** What a static function of the class says; a throw is a problem with the options. */
  asked<T>(question: () => T): T | undefined
  /** Of the option that a message names first. */
  placeOf(message: string): Place
}

/** The OPTIONS beside a NAME; `besides` are keys that are not the class's. Undefined: a problem was reported. */
export async function optionsOf<C extends ComponentClass>(
  map: MapNode,
  { Class, name, at, tolerant }: Component<C>,
  scope: Scope,
  besides: readonly string[] = []
): Promise<ComponentOptions | undefined> {
  const entry = map.entries.get('OPTIONS')
  const empty: MapNode = { kind: 'map', place: at, entries: new Map() }
  const given = entry === undefined ? empty : asMap(entry.node, `OPTIONS of ${name}`, scope.report)
  if (given === undefined) return undefined
  checkKeys(given, [...new Set([...optionKeys(Class.fields), ...besides])], name, scope.report, tolerant)
  const read = await readOptions(given, entry?.at ?? at, Class.fields, name, scope)
  if (read === undefined) return undefined
  const options = inTestRun(read, Class.fields, scope)
  const placeOf = (message: string) => blamed(given, Class.fields, message)?.node.place ?? entry?.at ?? at
  const asked = <T>(question: () => T): T | undefined => {
    try {
      return question()
    } catch (error) {
      const remedy = error instanceof Error && 'remedy' in error ? String(error.remedy ?? '') : ''
      const place = placeOf(reasonOf(error))
      const say = (place: Place, rule: string, remedy: string) =>
        codeOf(error, 'CONFIG_INVALID') === 'CONFIG_INVALID'
          ? scope.report.problem(place, rule, remedy)
          : reportMissing(scope, place, rule, remedy)
      say(place, reasonOf(error), remedy || `check OPTIONS of ${name}`)
      return undefined
    }
  }
  return { options, asked, placeOf }
}

function inTestRun(options: OptionsOf<Fields>, fields: Fields, { testid }: Scope): OptionsOf<Fields> {
  return testid === undefined || !('TESTID' in fields) ? options : { ...options, TESTID: testid }
}

/** The given option that a message names first, by whichever of its names it was given. */
function blamed(given: MapNode, fields: Fields, message: string): Entry | undefined {
  const words = message.split(/\W+/)
  const aliased = Object.entries(fields).flatMap(([name, { aliases }]) =>
    aliases.map((alias) => [alias, name] as const)
  )
  const names = new Map(aliased)
  const firstWord = ({ key }: Entry) => words.findIndex((word) => word === key || word === names.get(key))
  const named = [...given.entries.values()].filter((one) => firstWord(one) >= 0)
  return named.toSorted((a, b) => firstWord(a) - firstWord(b))[0]
}
