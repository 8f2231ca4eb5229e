import { join } from 'node:path'
import type { RunnerConfig } from '../contract/config.ts'
import { LEVELS } from '../contract/log.ts'
import { bytes, choice, duration, integer, map, path, text } from '../contract/options.ts'
import { withTestid } from '../contract/testid.ts'
import { asMap, checkKeys } from './keys.ts'
import { readOptions } from './options.ts'
import type { Scope } from './scope.ts'
import type { Entry, MapNode, Place } from './tree.ts'

export const runnerFields = {
  BUFFER_BYTES: bytes('The most bytes of alerts that are held at once, in each process.', { fallback: 32_000_000 }),
  DRAIN_SECONDS: duration('How long a stopping process finishes what it has taken.', { fallback: 30 }),
  LOG_LEVEL: choice('The least that is logged.', LEVELS, { fallback: 'info' }),
  LOG_FORMAT: choice(
    'text: for people. json: an object a line. gcp: the same as Google Cloud Logging reads it, in a log named after the subscription, the table or the stream. auto: text on a terminal, else json.',
    ['auto', 'text', 'json', 'gcp'],
    { fallback: 'auto' }
  ),
  HTTP: map('Where `/healthz`, `/readyz`, `/account` and `/metrics` are served; without it, nowhere.'),
  STATE_DIR: path('Where state is kept. Default: `.alertstreams` beside the first YAML file.')
}

export const httpFields = {
  HOST: text('The address to listen on.', { fallback: '127.0.0.1' }),
  PORT: integer('The port to listen on; member 1 of `--processes N` takes the next one, and so on.', { required: true })
}

/** RUNNER, or its defaults. Undefined: a problem was reported. */
export async function readRunner(
  entry: Entry | undefined,
  at: Place,
  baseDir: string,
  scope: Scope
): Promise<RunnerConfig | undefined> {
  const empty: MapNode = { kind: 'map', place: at, entries: new Map() }
  const given = entry === undefined ? empty : asMap(entry.node, 'RUNNER', scope.report)
  if (given === undefined) return undefined
  checkKeys(given, Object.keys(runnerFields), 'RUNNER', scope.report)
  const options = await readOptions(given, entry?.at ?? at, runnerFields, 'RUNNER', scope)
  const http = await readHttp(given.entries.get('HTTP'), scope)
  if (options === undefined) return undefined
  return {
    bufferBytes: options.BUFFER_BYTES,
    drainSeconds: options.DRAIN_SECONDS,
    logLevel: options.LOG_LEVEL,
    logFormat: options.LOG_FORMAT,
    stateDir: withTestid(options.STATE_DIR ?? join(baseDir, '.alertstreams'), scope.testid),
    http
  }
}

async function readHttp(entry: Entry | undefined, scope: Scope): Promise<RunnerConfig['http']> {
  if (entry?.node.kind !== 'map') return undefined
  checkKeys(entry.node, Object.keys(httpFields), 'HTTP', scope.report)
  const options = await readOptions(entry.node, entry.at, httpFields, 'HTTP', scope)
  return options && { host: options.HOST, port: options.PORT }
}
