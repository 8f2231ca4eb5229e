import { bestKey } from '../contract/topics.ts'
import type { Report } from './report.ts'
import type { ReadSink } from './sinks.ts'
import type { ReadStream } from './streams.ts'

/** A route may not write a topic that an active stream reads from the same cluster, unless ALLOW_LOOP. */
export function checkLoops(streams: readonly ReadStream[], sinks: readonly ReadSink[], report: Report): void {
  for (const stream of streams) {
    for (const { route, allowLoop, sinkPlaces } of stream.routes) {
      if (allowLoop) continue
      for (const [name, place] of sinkPlaces) {
        const target = sinks.find(({ config }) => config.name === name)?.writes
        if (target?.topic === undefined) continue
        const topic = expanded(target.topic, route.key, stream.id)
        const reader = streams.find((other) => isSameCluster(other.reads, target.cluster) && readsTopic(other, topic))
        if (reader === undefined) continue
        report.problem(
          place,
          `a loop: ${name} writes ${target.topic} to ${target.cluster}, where the stream ${reader.id} reads it`,
          'write another topic, or set ALLOW_LOOP: true on the route if the loop ends'
        )
      }
    }
  }
}

/** A topic that the template makes of the route's: one that a glob stands for. */
function expanded(template: string, key: string, stream: string): string {
  const topic = withoutDates(key).replace(/[*?]/g, 'x')
  return template.replaceAll('{topic}', topic).replaceAll('{stream}', stream)
}

function readsTopic({ routes }: ReadStream, topic: string): boolean {
  const keys = routes.map(({ route }) => withoutDates(route.key))
  return bestKey(topic, keys) !== undefined
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
