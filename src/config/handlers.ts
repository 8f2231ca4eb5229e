import { existsSync, readdirSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { reasonOf } from '../contract/errors.ts'
import { functionHandler, type Handler } from '../contract/handler.ts'
import type { Route } from '../contract/route.ts'
import { readCommand } from './command.ts'
import { isPath, loadExport, type Wanted } from './modules.ts'
import { reportMissing, type Scope } from './scope.ts'
import { didYouMean } from './spelling.ts'
import { handlerForTom, isDotted, tomHandlers } from './tom-names.ts'
import type { Node, ScalarNode } from './tree.ts'

/** Beside `src`, in a clone and in the built package alike. */
const OURS = new URL('../../handlers/', import.meta.url)

const OWN = 'a handler of your own is a path, as in ./handlers/x.ts#name'

const handler: Wanted = {
  what: 'a handler (a function)',
  fits: (value) => typeof value === 'function'
}

/** Loads the handler that a reference names; what keeps it from being loaded is in the report. */
export async function loadHandler(node: Node, scope: Scope): Promise<Route['handler']> {
  const { report } = scope
  if (node.kind === 'map') return readCommand(node, node.place, scope)
  if (node.kind !== 'scalar' || typeof node.value !== 'string') {
    report.problem(
      node.place,
      'a handler must be a name of ours or a path',
      'as in: log, ./handlers/x.ts#name, or { COMMAND: [python3, fit.py] }'
    )
    return undefined
  }
  const reference = node.value
  if (isPath(reference)) {
    const found = await loadExport(node, reference, handler, scope)
    return found && functionHandler(reference, found.value as Handler)
  }
  const alias = handlerForTom(reference)
  const name = alias ?? reference
  const known = shippedHandlers()
  if (known.includes(name)) return loadShipped(name, node, scope)
  if (alias !== undefined) {
    reportMissing(scope, node.place, `the handler ${reference} is not supported yet`, OWN)
    return undefined
  }
  const [rule, remedy] = [`there is no handler ${reference}`, remedyFor(reference, known)]
  if (isDotted(reference)) reportMissing(scope, node.place, rule, remedy)
  else report.problem(node.place, rule, remedy)
  return undefined
}

/** The names of the handlers that come with the package. */
export function shippedHandlers(): readonly string[] {
  if (!existsSync(OURS)) return []
  const files = readdirSync(OURS).filter((file) => /\.(ts|js)$/.test(file) && !file.endsWith('.d.ts'))
  return [...new Set(files.map((file) => basename(file, extname(file))))].toSorted()
}

/** Of ours, those that publish nothing; all others are for the sinks of their route. */
const SILENT = ['heartbeat', 'log']

export function isForSinks(name: string): boolean {
  return shippedHandlers().includes(name) && !SILENT.includes(name)
}

async function loadShipped(name: string, node: ScalarNode, scope: Scope): Promise<Route['handler']> {
  const [source, built] = ['ts', 'js'].map((ending) => new URL(`${name}.${ending}`, OURS))
  try {
    const file = existsSync(fileURLToPath(source!)) ? source! : built!
    const module: { default: Handler } = await import(file.href)
    return functionHandler(name, module.default)
  } catch (error) {
    scope.report.problem(
      node.place,
      `the handler ${name} cannot be loaded: ${reasonOf(error)}`,
      'install the package again'
    )
    return undefined
  }
}

function remedyFor(reference: string, known: readonly string[]): string {
  if (isDotted(reference) && !/\.(ts|js|mjs)$/.test(reference)) {
    const there = Object.entries(tomHandlers).flatMap(([dotted, ours]) => (known.includes(ours) ? [dotted] : []))
    return `known of the TOM world: ${there.join(', ')}; ${OWN}`
  }
  if (/[/#]|\.(ts|js|mjs)$/.test(reference)) return `did you mean ./${reference}?`
  return didYouMean(reference, known, `known: ${known.join(', ')}; ${OWN}`)!
}
