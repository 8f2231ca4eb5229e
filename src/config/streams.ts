import type { CodecSetup } from '../contract/codec.ts'
import type { StreamConfig } from '../contract/config.ts'
import type { Fields, OptionsOf } from '../contract/options.ts'
import type { StreamClass, StreamSetup } from '../contract/stream.ts'
import { type ComponentOptions, loadComponent, optionsOf } from './components.ts'
import { readHeartbeats } from './heartbeats.ts'
import { asMap, checkKeys } from './keys.ts'
import { inheritedFields } from './route-settings.ts'
import { layered, present, type ReadRoute, readRoute } from './routes.ts'
import { readSchedule } from './schedule.ts'
import type { Scope } from './scope.ts'
import { isNull, isUnknown, type MapNode, type Node, type Place, plain } from './tree.ts'

/** The keys of a stream that are not settings of its routes. */
export const streamKeys = ['NAME', 'ACTIVE', 'ID', 'OPTIONS', 'HEARTBEAT', 'SCHEDULE'] as const

/** A stream with what the checks over all of them have to know. */
export interface ReadStream {
  readonly id: string
  /** Undefined: a problem was reported. */
  readonly config: StreamConfig | undefined
  /** Where its ID, or else its NAME, stands. */
  readonly at: Place
  readonly routes: readonly ReadRoute[]
  readonly reads: string | undefined
}

/** One item of ALERT_STREAMS, checked; given back if it is active and its class is known. */
export async function readStream(node: Node, defaults: MapNode, scope: Scope): Promise<ReadStream | undefined> {
  const map = asMap(node, 'a stream', scope.report)
  if (map === undefined) return undefined
  const start = [...map.entries.values()][0]?.at ?? map.place
  checkKeys(map, [...streamKeys, ...Object.keys(inheritedFields)], 'a stream', scope.report)
  const active = readActive(map, scope)
  const inner: Scope = { ...scope, active }
  const schedule = await readSchedule(map.entries.get('SCHEDULE'), inner)
  // biome-ignore lint/suspicious/noExplicitAny: options of any type
  const component = await loadComponent<StreamClass<any>>(map, start, 'stream', scope.parts.streams, inner)
  const routes = await readTopics(map, component?.at ?? start, defaults, inner)
  if (component === undefined) return undefined
  const read = await optionsOf(map, component, inner, ['TOPIC_HANDLERS'])
  const id = readId(map, inner) ?? kebab(component.name)
  const { Class } = component
  const options = read && completed(Class, read, inner)
  const reads = options && read.asked(() => Class.reads?.(options))
  if (!active) return undefined
  const topics = routes?.map(({ route }) => route.key) ?? []
  if (scope.testid !== undefined && Class.grouped && !('TESTID' in Class.fields))
    scope.report.warning(component.at, `the stream ${id} has no form for a test run: it reads what it always does`)
  const heartbeats = await readHeartbeats(map.entries.get('HEARTBEAT'), topics, inner)
  const config = options &&
    routes && {
      id,
      name: String(plain(map.entries.get('NAME')!.node)),
      routes: routes.map(({ route }) => route),
      ...failurePolicy(map, defaults),
      heartbeats,
      ...(schedule && { schedule }),
      grouped: Class.grouped ?? false,
      logName(topic = topics.length === 1 ? topics[0] : undefined) {
        return topic === undefined ? undefined : Class.logName?.(options, topic)
      },
      make: (setup: StreamSetup) => new Class(options, setup),
      needs: (baseDir: string) => Class.needs?.(options, { id, topics, baseDir }) ?? [],
      codecSetup: (setup: CodecSetup) => Class.codecSetup?.(options, setup) ?? setup
    }
  return { id, config, at: map.entries.get('ID')?.node.place ?? component.at, routes: routes ?? [], reads }
}

/** The options with what the class looks up elsewhere. Undefined: a problem was reported. */
function completed<F extends Fields>(
  { complete }: StreamClass<F>,
  { options, asked, placeOf }: ComponentOptions,
  { report }: Scope
): OptionsOf<Fields> | undefined {
  if (complete === undefined) return options
  const found = asked(() => complete(options as OptionsOf<F>))
  for (const secret of found?.secrets ?? []) report.keepSecret(secret)
  for (const warning of found?.warnings ?? []) report.warning(placeOf(warning), warning)
  return found?.options
}

/** Of an alert that no route takes. */
function failurePolicy(stream: MapNode, defaults: MapNode): Pick<StreamConfig, 'deadLetter' | 'onFailure'> {
  const settings = layered(stream, [defaults])
  const word = (key: string) => {
    const entry = present(settings, key)
    return entry && String(plain(entry.node, true))
  }
  return { deadLetter: word('DEAD_LETTER'), onFailure: word('ON_FAILURE')?.toLowerCase() === 'skip' ? 'skip' : 'stop' }
}

/** Python's True and False are those of YAML. */
function readActive(map: MapNode, { report }: Scope): boolean {
  const node = map.entries.get('ACTIVE')?.node
  if (node === undefined || isNull(node) || isUnknown(node)) return true
  const word = String(plain(node)).toLowerCase()
  if (word !== 'true' && word !== 'false')
    report.problem(node.place, 'ACTIVE must be true or false', 'false: it is checked but not run')
  return word !== 'false'
}

function readId(map: MapNode, { report }: Scope): string | undefined {
  const node = map.entries.get('ID')?.node
  if (node === undefined || isNull(node) || isUnknown(node)) return undefined
  const id = plain(node, true)
  if (typeof id === 'string') return id
  report.problem(node.place, 'ID must be text', 'as in  ID: night-watch')
  return undefined
}

async function readTopics(
  stream: MapNode,
  at: Place,
  defaults: MapNode,
  scope: Scope
): Promise<readonly ReadRoute[] | undefined> {
  const options = stream.entries.get('OPTIONS')
  const entry = options?.node.kind === 'map' ? options.node.entries.get('TOPIC_HANDLERS') : undefined
  const map = entry && asMap(entry.node, 'TOPIC_HANDLERS', scope.report)
  if (entry === undefined || map?.entries.size === 0) {
    const remedy = 'name topics and what is done with their alerts, as in  TOPIC_HANDLERS: { sys.heartbeat: log }'
    scope.report.problem(entry?.at ?? options?.at ?? at, 'the stream has no TOPIC_HANDLERS', remedy)
  }
  const read: ReadRoute[] = []
  for (const topic of map?.entries.values() ?? []) {
    const route = await readRoute(topic, [stream, defaults], scope)
    if (route !== undefined) read.push(route)
  }
  return map && read
}

/** `GCNClassicAlertStream` as `gcn-classic-alert-stream`. */
function kebab(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()
}
