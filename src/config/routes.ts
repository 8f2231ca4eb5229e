import type { RouteHandler } from '../contract/handler.ts'
import type { Dedupe, Retry, Route } from '../contract/route.ts'
import { readExpression, readFilter } from './expressions.ts'
import { isForSinks, loadHandler } from './handlers.ts'
import { asMap, checkKeys } from './keys.ts'
import { readOptions } from './options.ts'
import { dedupeFields, retryFields, routeFields } from './route-settings.ts'
import type { Scope } from './scope.ts'
import { checkSink, type SinkPlace, sinksNamed } from './sink-places.ts'
import { type Entry, isNull, type MapNode, type Place, plain } from './tree.ts'

/** A route with what the check for loops has to know. */
export interface ReadRoute {
  readonly route: Route
  readonly allowLoop: boolean
  /** Where its key stands. */
  readonly at: Place
  readonly sinkPlaces: readonly SinkPlace[]
}

/** One entry of TOPIC_HANDLERS over its defaults, the nearest first. Undefined: a problem was reported. */
export async function readRoute(
  topic: Entry,
  defaults: readonly MapNode[],
  scope: Scope
): Promise<ReadRoute | undefined> {
  const own = ownSettings(topic, scope)
  if (own === undefined) return undefined
  const settings = layered(own, defaults)
  const handlerNode = present(settings, 'HANDLER')?.node
  const handler = handlerNode && (await loadHandler(handlerNode, scope))
  const read = await readOptions(without(settings, 'HANDLER'), topic.at, routeFields, `the route ${topic.key}`, scope)
  const filter = readFilter(present(settings, 'FILTER'), scope)
  const publishKey = readExpression(present(settings, 'KEY'), scope)
  const orderBy = read?.ORDER_BY === 'none' ? 'none' : readExpression(present(settings, 'ORDER_BY'), scope)
  const dedupe = await readDedupe(present(settings, 'DEDUPE'), scope)
  const retry = await readRetry(present(settings, 'RETRY'), scope)
  checkPolicy(topic, settings, scope)
  if (handlerNode && handler && !present(settings, 'SINKS')) warnOfNoSinks(handler.name, handlerNode.place, scope)
  const sinkPlaces = ['SINKS', 'DEAD_LETTER'].flatMap((name) => sinksNamed(present(settings, name)))
  for (const place of sinkPlaces) checkSink(place, scope)
  if (read?.CONCURRENCY === 0) reportZero(present(settings, 'CONCURRENCY'), scope)
  if (read?.TIMEOUT === 0) reportZero(present(settings, 'TIMEOUT'), scope)
  if (read === undefined || retry === undefined) return undefined
  const route: Route = {
    key: topic.key,
    handler,
    filter,
    codec: read.CODEC,
    fields: read.FIELDS?.map((path) => path.split('.')),
    sinks: read.SINKS ?? [],
    publishKey,
    orderBy,
    concurrency: concurrencyOf(present(settings, 'CONCURRENCY') && read.CONCURRENCY, handler),
    dedupe,
    retry,
    timeout: read.TIMEOUT,
    deadLetter: read.DEAD_LETTER,
    onFailure: read.ON_FAILURE,
    options: read.OPTIONS
  }
  return { route, allowLoop: read.ALLOW_LOOP, at: topic.at, sinkPlaces }
}

/** The route as a map: a text, or a map with COMMAND, is its HANDLER. */
function ownSettings({ key, at, node }: Entry, { report }: Scope): MapNode | undefined {
  if (isNull(node)) {
    report.problem(at, `${key} has neither HANDLER nor SINKS`, 'name a handler, as in log, or a map with SINKS')
    return undefined
  }
  const isReference = node.kind === 'scalar' || (node.kind === 'map' && node.entries.has('COMMAND'))
  if (isReference)
    return { kind: 'map', place: node.place, entries: new Map([['HANDLER', { key: 'HANDLER', at, node }]]) }
  const map = asMap(node, `the route ${key}`, report, 'name a handler, as in log, or write settings as a map')
  if (map !== undefined) checkKeys(map, Object.keys(routeFields), `the route ${key}`, report)
  return map
}

/** The nearest entry of each setting; an explicit null is one. */
export function layered(own: MapNode, defaults: readonly MapNode[]): MapNode {
  const inherited = defaults.toReversed().flatMap(({ entries }) => [...entries].filter(([key]) => key !== 'OPTIONS'))
  return { ...own, entries: new Map([...inherited, ...own.entries]) }
}

function without(map: MapNode, name: string): MapNode {
  return { ...map, entries: new Map([...map.entries].filter(([key]) => key !== name)) }
}

export function present(settings: MapNode, name: string): Entry | undefined {
  const entry = settings.entries.get(name)
  return entry === undefined || isNull(entry.node) ? undefined : entry
}

function checkPolicy(topic: Entry, settings: MapNode, { report }: Scope): void {
  if (!present(settings, 'HANDLER') && !present(settings, 'SINKS'))
    report.problem(
      topic.at,
      `${topic.key} has neither HANDLER nor SINKS`,
      'name a handler, or the SINKS to republish to'
    )
  const [onFailure, deadLetter] = [present(settings, 'ON_FAILURE'), present(settings, 'DEAD_LETTER')]
  if (onFailure && deadLetter && plain(onFailure.node) === 'skip')
    report.problem(
      onFailure.at,
      `ON_FAILURE: skip and a DEAD_LETTER exclude each other`,
      'remove one of them; DEAD_LETTER: null unsets an inherited one'
    )
}

/** As the settings of a TOM have it, where the handler itself writes to the TOM. */
function warnOfNoSinks(handler: string, place: Place, { report, active }: Scope): void {
  if (active && isForSinks(handler))
    report.warning(
      place,
      `what ${handler} makes goes nowhere: the route has no SINKS`,
      `name one, as in  { HANDLER: ${handler}, SINKS: database }`
    )
}

/** Undefined: there is none, or a problem was reported. */
async function readDedupe(entry: Entry | undefined, scope: Scope): Promise<Dedupe | undefined> {
  if (entry?.node.kind !== 'map') return undefined
  checkKeys(entry.node, Object.keys(dedupeFields), 'DEDUPE', scope.report)
  const read = await readOptions(entry.node, entry.at, dedupeFields, 'DEDUPE', scope)
  const key = readExpression(entry.node.entries.get('KEY'), scope)
  if (read?.WINDOW === 0) reportZero(entry.node.entries.get('WINDOW'), scope)
  return read && key && { key, window: read.WINDOW }
}

async function readRetry(entry: Entry | undefined, scope: Scope): Promise<Retry | undefined> {
  const map = entry?.node.kind === 'map' ? entry.node : undefined
  if (entry === undefined || map === undefined) return { attempts: 3, backoff: 1 }
  checkKeys(map, Object.keys(retryFields), 'RETRY', scope.report)
  const read = await readOptions(map, entry.at, retryFields, 'RETRY', scope)
  if (read?.ATTEMPTS === 0) reportZero(map.entries.get('ATTEMPTS'), scope)
  return read && { attempts: read.ATTEMPTS, backoff: read.BACKOFF }
}

/** CONCURRENCY, but no more than the handler has a use for; that many where it says so and nothing is given. */
function concurrencyOf(given: number | undefined, handler: RouteHandler | undefined): number {
  const useful = handler?.concurrency
  if (given === undefined) return useful ?? routeFields.CONCURRENCY.fallback!
  return Math.min(given, useful ?? given)
}

/** With none of it a handler would never be called. */
function reportZero(entry: Entry | undefined, { report }: Scope): void {
  report.problem(entry?.node.place, `${entry?.key} must be more than 0`, 'leave it out for the default')
}
