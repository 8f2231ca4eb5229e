import type { Config } from '../contract/config.ts'
import { UsageError } from './usage-error.ts'

interface Part {
  /** IDs of streams; none: all of them. */
  readonly streams: readonly string[]
  /** Whatever SCHEDULE says. */
  readonly now?: boolean
}

/**
 * A configuration with some of its streams only. Sinks that none of these names are opened when a handler names them; of
 * all streams that is so where there is no handler, since otherwise the start is to show what cannot be reached.
 */
export function partOf(config: Config, { streams: ids, now = false }: Part): Config {
  const known = config.streams.map(({ id }) => id)
  const unknown = ids.find((id) => !known.includes(id))
  if (unknown !== undefined) throw new UsageError(`there is no active stream ${unknown}; there are ${known.join(', ')}`)
  const kept = config.streams.filter(({ id }) => ids.length === 0 || ids.includes(id))
  const streams = now ? kept.map((stream) => ({ ...stream, schedule: undefined })) : kept
  if (ids.length === 0 && streams.some(({ routes }) => routes.some(({ handler }) => handler)))
    return { ...config, streams }
  const named = new Set(streams.flatMap(({ routes, deadLetter }) => [...routes.flatMap(sinksOf), deadLetter]))
  const sinks = config.sinks.map((sink) => (named.has(sink.name) ? sink : { ...sink, onDemand: true }))
  return { ...config, streams, sinks }
}

function sinksOf({ sinks, deadLetter }: Config['streams'][number]['routes'][number]) {
  return [...sinks, deadLetter]
}
