import { text } from '../contract/options.ts'
import { position } from './format.ts'
import { asMap } from './keys.ts'
import type { Scope } from './scope.ts'
import { destinationOf } from './sink-places.ts'
import { type ReadSink, sinkOf } from './sinks.ts'
import type { ReadStream } from './streams.ts'
import { type Entry, isNull, type MapNode, type Place } from './tree.ts'

/** What a TOM has in DATA_SHARING for its own pages and data, and nobody needs here. */
export const sharingFields = {
  DISPLAY_NAME: text('What the pages of a TOM call it; it means nothing here.'),
  DATA_CONVERTER_CLASS: text('How a TOM makes a message of its data; it has no effect here, where handlers do that.')
}

/** Keys that only an entry for Hermes has. */
export const HERMES_KEYS = ['HERMES_API_KEY', 'CREDENTIAL_USERNAME', 'CREDENTIAL_PASSWORD', 'USER_TOPICS', 'BROKER_URL']

/** Hermes by its name, as a TOM tells it, or by what only Hermes has; any other entry is a TOM. */
function kindOf(name: string, map: MapNode): 'HermesSink' | 'TomSink' {
  const keys = [...map.entries.keys()].map((key) => key.replace(/_FILE$/, ''))
  return /hermes/i.test(name) || keys.some((key) => HERMES_KEYS.includes(key)) ? 'HermesSink' : 'TomSink'
}

/**
 * The sinks of DATA_SHARING: one for each entry, and one for each `entry:topic` that a route names. What no route names
 * is there for handlers, and connected when one writes to it.
 */
export async function readSharing(
  sharing: MapNode,
  sinks: MapNode,
  streams: readonly ReadStream[],
  scope: Scope
): Promise<readonly ReadSink[]> {
  const places = streams.flatMap(({ routes }) => routes.flatMap(({ sinkPlaces }) => sinkPlaces))
  const used = new Set([...places.map(({ name }) => name), ...streams.map(({ config }) => config?.deadLetter)])
  const read: (ReadSink | undefined)[] = []
  for (const entry of sharing.entries.values()) {
    const twin = sinks.entries.get(entry.key)
    if (twin !== undefined) {
      const rule = `${entry.key} stands in SINKS too, at ${position(twin.at)}`
      scope.report.problem(entry.at, rule, 'give one of the two another name')
    } else read.push(await readShared(entry, entry.key, undefined, scope))
  }
  for (const [name, place] of new Map(places.map(({ name, place }) => [name, place]))) {
    const destination = scope.sinkNames.includes(name) ? undefined : destinationOf(name, scope.sharedNames)
    if (destination === undefined) continue
    const topic = { text: destination.topic, place }
    read.push(await readShared(sharing.entries.get(destination.entry)!, name, topic, scope))
  }
  return read.flatMap((sink) =>
    sink === undefined ? [] : [{ ...sink, config: { ...sink.config, onDemand: !used.has(sink.config.name) } }]
  )
}

async function readShared(
  { key, at, node }: Entry,
  name: string,
  topic: { readonly text: string; readonly place: Place } | undefined,
  scope: Scope
): Promise<ReadSink | undefined> {
  const given = asMap(node, `${key} in DATA_SHARING`, scope.report)
  if (given === undefined) return undefined
  const kind = kindOf(key, given)
  const Class = scope.parts.sinks[kind]
  if (Class === undefined) {
    scope.report.problem(at, `${key} in DATA_SHARING needs ${kind}, which is not there`, 'remove the entry')
    return undefined
  }
  if (topic !== undefined && !Object.hasOwn(Class.fields, 'TOPIC')) {
    scope.report.problem(topic.place, `${key} has no topics: it is a ${kind}`, `write ${key} alone`)
    return undefined
  }
  const converter = given.entries.get('DATA_CONVERTER_CLASS')
  if (converter !== undefined && !isNull(converter.node))
    scope.report.warning(converter.at, `${converter.key} has no effect`, 'a handler makes the messages')
  const options = topic === undefined ? given : withTopic(given, topic.text, topic.place)
  const map: MapNode = { ...given, entries: new Map([['OPTIONS', { key: 'OPTIONS', at, node: options }]]) }
  const sink = await sinkOf(name, map, { Class, name: kind, at, tolerant: true }, scope, Object.keys(sharingFields))
  if (sink !== undefined && kind === 'HermesSink') warnOfAddress(given, scope)
  return sink
}

function withTopic(map: MapNode, topic: string, place: Place): MapNode {
  const node = { kind: 'scalar', place, value: topic, written: topic, inserted: [], unknown: false } as const
  return { ...map, entries: new Map([...map.entries, ['TOPIC', { key: 'TOPIC', at: place, node }]]) }
}

/** Whoever names another Hermes than the usual one would not expect to write to the usual brokers. */
function warnOfAddress({ entries }: MapNode, { report }: Scope): void {
  const url = entries.get('BASE_URL')
  const isDirect = ['CREDENTIAL_USERNAME', 'USERNAME'].some((key) => entries.has(key))
  if (url?.node.kind !== 'scalar' || !isDirect || entries.has('BROKER_URL')) return
  if (String(url.node.value ?? '').startsWith('https://hermes.lco.global')) return
  const rule = 'BASE_URL has no effect beside CREDENTIAL_USERNAME: messages go straight to topics at kafka.scimma.org'
  report.warning(url.at, rule, 'set BROKER_URL for other brokers, or HERMES_API_KEY instead to go through Hermes')
}
