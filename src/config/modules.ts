import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { reasonOf } from '../contract/errors.ts'
import { reportMissing, type Scope } from './scope.ts'
import { didYouMean } from './spelling.ts'
import { placeWithin, type ScalarNode, shownPath } from './tree.ts'

/** What a reference may name in a module of the user's. */
export interface Wanted {
  /** As in `a handler (a function)`. */
  readonly what: string
  fits(value: unknown): boolean
}

export interface Found {
  readonly name: string
  readonly value: unknown
}

/** True for `./x.ts`, `../x.ts#name`, `/x.ts`. */
export function isPath(reference: string): boolean {
  return /^(\.{1,2})?[/\\]|^[A-Za-z]:[/\\]/.test(reference)
}

/** Loads `path#export`, relative to the YAML file; what keeps it from being loaded is in the report. */
export async function loadExport(
  node: ScalarNode,
  reference: string,
  wanted: Wanted,
  scope: Scope
): Promise<Found | undefined> {
  const hash = reference.lastIndexOf('#')
  const [file, name] = hash < 0 ? [reference, undefined] : [reference.slice(0, hash), reference.slice(hash + 1)]
  const path = resolve(dirname(node.place.source.path), file)
  if (!existsSync(path)) {
    const place = placeWithin(node, reference, 0, file.length)
    reportMissing(
      scope,
      place,
      `there is no file ${shownPath(path)}`,
      'the path is relative to the folder of this YAML file'
    )
    return undefined
  }
  try {
    const module = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>
    return pick(module, name, node, reference, wanted, scope)
  } catch (error) {
    const remedy = loadRemedy(error, file)
    scope.report.problem(node.place, `${file} cannot be loaded: ${reasonOf(error).split('\n', 1)[0]}`, remedy)
    return undefined
  }
}

function loadRemedy(error: unknown, file: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ERR_MODULE_NOT_FOUND') return 'check its imports: name files with their ending, and install packages'
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION' && file.endsWith('.py'))
    return `run it by Python: { COMMAND: [python3, -m, alertstreams, ${file}] }`
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') return 'write it as .ts, .js or .mjs'
  if (code === 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING')
    return 'Node runs no TypeScript inside node_modules: copy the YAML file and its handlers to a folder of your own'
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX')
    return 'Node only removes types: no enum, namespace or parameter property'
  return 'run it with node by itself to see the whole error'
}

function pick(
  module: Readonly<Record<string, unknown>>,
  name: string | undefined,
  node: ScalarNode,
  reference: string,
  wanted: Wanted,
  scope: Scope
): Found | undefined {
  const exported = Object.keys(module)
  const list = exported.length === 0 ? 'it exports nothing' : `it exports ${exported.join(', ')}`
  const report = (rule: string, remedy: string) => {
    const place =
      name === undefined ? node.place : placeWithin(node, reference, reference.length - name.length, name.length)
    scope.report.problem(place, rule, remedy)
    return undefined
  }
  const fitting = exported.filter((key) => wanted.fits(module[key]))
  const chosen = name ?? (fitting.includes('default') ? 'default' : fitting.length === 1 ? fitting[0] : undefined)
  if (chosen === undefined) {
    const several = fitting.length > 1 ? `several exports could be ${wanted.what}` : `it does not export ${wanted.what}`
    return report(`${reference}: ${several}; ${list}`, `name one: ${reference}#${fitting[0] ?? 'name'}`)
  }
  if (!exported.includes(chosen))
    return report(`${reference}: there is no export ${chosen}; ${list}`, didYouMean(chosen, exported, 'export it')!)
  if (!wanted.fits(module[chosen]))
    return report(`${reference}: the export ${chosen} is not ${wanted.what}; ${list}`, 'name another export')
  return { name: chosen, value: module[chosen] }
}
