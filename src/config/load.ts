import { dirname } from 'node:path'
import type { Config } from '../contract/config.ts'
import { mergeFiles } from './files.ts'
import { position } from './format.ts'
import { type Environment, interpolate } from './interpolate.ts'
import { asMap, checkKeys } from './keys.ts'
import { checkLoops } from './loops.ts'
import { ourParts } from './parts.ts'
import { Report } from './report.ts'
import { inheritedFields } from './route-settings.ts'
import { readRunner } from './runner.ts'
import type { Parts, Scope } from './scope.ts'
import { hideSecrets } from './secrets.ts'
import { readSharing } from './sharing.ts'
import { readSink } from './sinks.ts'
import { type ReadStream, readStream } from './streams.ts'
import type { Entry, MapNode } from './tree.ts'
import { readYaml } from './yaml.ts'

export const DEFAULT_FILE = 'alertstreams.yaml'

/** Either a configuration, or everything that is wrong with it, ready to be printed. */
export type Loaded =
  | { readonly config: Config; readonly problems?: undefined }
  | {
      readonly config?: undefined
      readonly problems: string
      readonly count: number
      readonly warnings: readonly string[]
    }

export interface LoadSettings {
  readonly env?: Environment
  /** The components that can be named; ours. */
  readonly parts?: Parts
  /** Colours in problems and warnings. */
  readonly colour?: boolean
  /** A test run: topics, subscriptions, groups, buckets, tables and the state have names that end in it. */
  readonly testid?: string | undefined
}

/**
 * Reads YAML files to a checked configuration: everything that it names is loaded, nothing is connected. Without files
 * it reads `alertstreams.yaml`.
 */
export async function loadConfig(files: readonly string[], settings: LoadSettings = {}): Promise<Loaded> {
  const { env = process.env, parts = ourParts, colour = false, testid } = settings
  const report = new Report()
  const config = await read(files, env, { parts, testid, report })
  const warnings = report.warnings(colour)
  if (config !== undefined && report.count === 0) return { config: { ...config, secrets: report.secrets, warnings } }
  return { problems: report.problems(colour).join('\n\n'), count: report.count, warnings }
}

type Checked = Omit<Config, 'secrets' | 'warnings'>

type Given = Pick<Scope, 'parts' | 'report' | 'testid'>

async function read(files: readonly string[], env: Environment, given: Given): Promise<Checked | undefined> {
  const { report } = given
  const named = files.length === 0 ? [DEFAULT_FILE] : files
  const remedy = files.length === 0 ? 'write it, or name another, as in: alertstreams check my.yaml' : 'check the path'
  const [first, ...others] = await each(named, (file) => readYaml(file, report, remedy))
  if (first === undefined || others.length + 1 < named.length) return undefined
  const root = interpolate(mergeFiles([first, ...others], report), env, report)
  hideSecrets(root, report)
  return check(root, [first, ...others], given)
}

async function check(root: MapNode, roots: readonly MapNode[], given: Given): Promise<Checked | undefined> {
  const { report } = given
  const start = { ...root.place, to: root.place.from + 1 }
  const baseDir = dirname(start.source.path)
  const sinkEntries = section(root, 'SINKS', report)
  const sharing = section(root, 'DATA_SHARING', report)
  const sharedNames = [...sharing.entries.keys()]
  const sinkNames = [...sinkEntries.entries.keys(), ...sharedNames]
  const scope: Scope = { ...given, active: true, sinkNames, sharedNames }
  const runner = await readRunner(root.entries.get('RUNNER'), start, baseDir, scope)
  const defaults = section(root, 'DEFAULTS', report)
  checkKeys(defaults, Object.keys(inheritedFields), 'DEFAULTS', report)
  const ownSinks = await each(sinkEntries.entries.values(), (entry) => readSink(entry, scope))
  const readStreams = await each(streamNodes(root, report), (node) => readStream(node, defaults, scope))
  const readSinks = [...ownSinks, ...(await readSharing(sharing, sinkEntries, readStreams, scope))]
  checkIds(readStreams, report)
  checkLoops(readStreams, readSinks, report)
  return (
    runner && {
      files: roots.map(({ place }) => place.source.path),
      baseDir,
      runner,
      streams: readStreams.flatMap(({ config }) => config ?? []),
      sinks: readSinks.map(({ config }) => config)
    }
  )
}

function section(root: MapNode, key: string, report: Report): MapNode {
  const entry: Entry | undefined = root.entries.get(key)
  const empty: MapNode = { kind: 'map', place: root.place, entries: new Map() }
  return entry === undefined ? empty : (asMap(entry.node, key, report) ?? empty)
}

function streamNodes(root: MapNode, report: Report) {
  const entry = root.entries.get('ALERT_STREAMS')
  const start = { ...root.place, to: root.place.from + 1 }
  const example = 'as in  ALERT_STREAMS: [{ NAME: HopskotchAlertStream, OPTIONS: { ... } }]'
  if (entry?.node.kind === 'list') {
    if (entry.node.items.length === 0) report.problem(entry.at, 'ALERT_STREAMS is empty', `add a stream, ${example}`)
    return entry.node.items
  }
  const rule = entry === undefined ? 'there are no ALERT_STREAMS' : 'ALERT_STREAMS must be a list of streams'
  report.problem(entry?.at ?? start, rule, example)
  return []
}

async function each<T, R>(items: Iterable<T>, readOne: (item: T) => Promise<R | undefined>): Promise<readonly R[]> {
  const results: R[] = []
  for (const item of items) {
    const result = await readOne(item)
    if (result !== undefined) results.push(result)
  }
  return results
}

function checkIds(streams: readonly ReadStream[], report: Report): void {
  const seen = new Map<string, ReadStream>()
  for (const stream of streams) {
    const first = seen.get(stream.id)
    if (first === undefined) seen.set(stream.id, stream)
    else
      report.problem(
        stream.at,
        `two active streams have the ID ${stream.id}; the other at ${position(first.at)}`,
        `give one of them another, as in  ID: ${stream.id}-2`
      )
  }
}
