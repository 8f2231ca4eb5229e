import { bestKey } from '../contract/topics.ts'
import { position } from './format.ts'
import type { Report } from './report.ts'
import type { ReadRoute } from './routes.ts'
import type { SinkPlace } from './sink-places.ts'
import type { ReadSink } from './sinks.ts'
import type { ReadStream } from './streams.ts'

/** A route may not write a topic that an active stream reads from the same cluster, unless ALLOW_LOOP. */
export function checkLoops(streams: readonly ReadStream[], sinks: readonly ReadSink[], report: Report): void {
  const targets = new Map(sinks.map(({ config, writes }) => [config.name, writes]))
  for (const stream of streams) {
    for (const read of stream.routes) {
      if (read.allowLoop) continue
      for (const named of read.sinkPlaces) {
        const target = targets.get(named.name)
        if (target === undefined) continue
        for (const template of topicsOf(read, named, target.topic)) {
          const topic = expanded(template, read.route.key, stream.id)
          const reader = readerOf(topic, target.cluster, streams)
          if (reader === undefined) continue
          const where = `the stream ${reader.stream.id} reads it, at ${position(reader.route.at)}`
          report.problem(
            named.place,
            `a loop: ${named.name} writes ${template} to ${target.cluster}, where ${where}`,
            'write another topic, or set ALLOW_LOOP: true on this route if nothing comes back by that one'
          )
        }
      }
    }
  }
}

/** Templates of the topics that a route is known to write to one of its sinks. */
function topicsOf({ route }: ReadRoute, { dead }: SinkPlace, ofSink: string | undefined): readonly string[] {
  if (dead) return ofSink === undefined ? [] : [ofSink]
  // A message that names its topic names the one that it came on.
  if (route.handler === undefined) return [ofSink ?? '{topic}']
  // `hermes-message` has it, and other handlers may well mean the same.
  const { TOPIC } = route.options
  const ofHandler = typeof TOPIC === 'string' && TOPIC !== '' ? TOPIC : undefined
  return [ofSink, ofHandler].filter((topic) => topic !== undefined)
}

/** A topic that the template makes of the route's: one that a glob stands for. */
function expanded(template: string, key: string, stream: string): string {
  const topic = withoutDates(key).replace(/[*?]/g, 'x')
  return template.replaceAll('{topic}', topic).replaceAll('{stream}', stream)
}

interface Reader {
  readonly stream: ReadStream
  readonly route: ReadRoute
}

function readerOf(topic: string, cluster: string, streams: readonly ReadStream[]): Reader | undefined {
  for (const stream of streams) {
    if (!isSameCluster(stream.reads, cluster)) continue
    const keys = stream.routes.map(({ route }) => withoutDates(route.key))
    const best = bestKey(topic, keys)
    if (best !== undefined) return { stream, route: stream.routes[keys.indexOf(best)]! }
  }
  return undefined
}

/** `{YYYYMMDD}` and `{YYYY-MM-DD}` as globs. */
function withoutDates(key: string): string {
  return key.replaceAll('{YYYYMMDD}', '????????').replaceAll('{YYYY-MM-DD}', '????-??-??')
}

/** Clusters may name several hosts. */
function isSameCluster(a: string | undefined, b: string): boolean {
  const hosts = b.split(',')
  return a?.split(',').some((host) => hosts.includes(host)) ?? false
}
