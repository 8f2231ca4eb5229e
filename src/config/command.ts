import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { basename, delimiter, dirname, join, resolve } from 'node:path'
import { commandHandler } from '../command/index.ts'
import type { RouteHandler } from '../contract/handler.ts'
import { duration, flag, integer, list } from '../contract/options.ts'
import { checkKeys } from './keys.ts'
import { isPath } from './modules.ts'
import { optionKeys, readOptions } from './options.ts'
import { routeFields } from './route-settings.ts'
import { reportMissing, type Scope } from './scope.ts'
import { type Entry, type MapNode, type Node, type Place, shownPath } from './tree.ts'

/** HANDLER as a program of any language. */
export const commandFields = {
  COMMAND: list(
    'The program and its arguments: found on PATH, or a path that begins with `./`; it runs in the folder of the YAML file.',
    { required: true }
  ),
  WORKERS: integer('How many processes of it, each with one alert at a time.', { fallback: 1 }),
  CUTOUTS: flag('Give it the bytes in an alert (cut-outs) too, as base64; else they are left out.', {
    fallback: false
  }),
  STRICT: flag('Write NaN and infinities as null; else as the bare words that Python reads.', { fallback: false }),
  START_TIMEOUT: duration('The time from its start to its first line, `{"ready": true}`.', { fallback: 60 })
}

/** The handler that a map with COMMAND describes; what is wrong with it is in the report. Starts nothing. */
export async function readCommand(map: MapNode, at: Place, scope: Scope): Promise<RouteHandler | undefined> {
  checkPlaces(map, scope)
  const read = await readOptions(map, at, commandFields, 'HANDLER', scope)
  if (read === undefined) return undefined
  const { COMMAND, WORKERS, CUTOUTS, STRICT, START_TIMEOUT } = read
  for (const name of ['WORKERS', 'START_TIMEOUT'] as const)
    if (read[name] === 0)
      scope.report.problem(map.entries.get(name)!.at, `${name} must be more than 0`, 'leave it out for the default')
  const entry = map.entries.get('COMMAND')!.node
  const folder = dirname(entry.place.source.path)
  const [program = '', ...args] = COMMAND
  const file = findProgram(program, folder)
  const places = entry.kind === 'list' ? entry.items : [entry]
  if (file === undefined) return missingProgram(program, places[0] ?? entry, folder, scope)
  checkScripts(args, places.slice(1), folder, scope)
  return commandHandler({
    name: [basename(program), ...args.map((arg, index) => (isInserted(places[index + 1]) ? '***' : arg))].join(' '),
    file,
    args,
    folder,
    workers: WORKERS,
    cutouts: CUTOUTS,
    strict: STRICT,
    startTimeout: START_TIMEOUT
  })
}

function checkPlaces(map: MapNode, { report }: Scope): void {
  const known = optionKeys(commandFields)
  const [misplaced, others] = [new Map<string, Entry>(), new Map<string, Entry>()]
  for (const [key, entry] of map.entries) (key in routeFields ? misplaced : others).set(key, entry)
  for (const { key, at } of misplaced.values())
    report.problem(at, `${key} is a setting of the route`, `write HANDLER: { COMMAND: ... } and ${key} beside it`)
  checkKeys({ ...map, entries: others }, known, 'a HANDLER with COMMAND', report)
}

/** The executable file that a program's name means, absolute. */
function findProgram(program: string, folder: string): string | undefined {
  if (isPath(program)) return [resolve(folder, program)].find(isProgram)
  if (program === '' || program.includes('/')) return undefined
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((path) => join(path, program))
    .find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function missingProgram(program: string, { place }: Node, folder: string, scope: Scope): undefined {
  const path = resolve(folder, program)
  if (program === '') scope.report.problem(place, 'COMMAND is empty', 'as in: [python3, -m, alertstreams, fit.py]')
  else if (program.includes(' ') && !existsSync(path))
    scope.report.problem(place, `there is no program ${program}`, `write a list: [${program.split(/ +/).join(', ')}]`)
  else if (isPath(program) && existsSync(path))
    reportMissing(scope, place, `${shownPath(path)} is no program`, `make it one: chmod +x ${shownPath(path)}`)
  else if (isPath(program))
    reportMissing(
      scope,
      place,
      `there is no program ${shownPath(path)}`,
      'the path is relative to the folder of this YAML file'
    )
  else if (existsSync(path))
    scope.report.problem(place, `there is no program ${program} on the PATH`, `did you mean ./${program}?`)
  else
    reportMissing(scope, place, `there is no program ${program} on the PATH`, 'install it, or give its path: ./x or /x')
}

/** From the environment: it may be a secret, and the name of a handler stands in logs and dead letters. */
function isInserted(node: Node | undefined): boolean {
  return node?.kind === 'scalar' && node.inserted.length > 0
}

/** Files that are surely meant for an interpreter; it would only say at the start that they are not there. */
const SCRIPT = /\.(py|pl|rb|R|jl|sh|awk)$/

function checkScripts(args: readonly string[], nodes: readonly Node[], folder: string, scope: Scope): void {
  for (const [index, arg] of args.entries()) {
    const path = resolve(folder, arg)
    if (!SCRIPT.test(arg) || existsSync(path)) continue
    const remedy = 'the path is relative to the folder of this YAML file'
    reportMissing(scope, nodes[index]!.place, `there is no file ${shownPath(path)}`, remedy)
  }
}
