import { App } from '../../src/app.ts'
import type { Config, SinkConfig } from '../../src/contract/config.ts'
import { functionHandler, type Handler } from '../../src/contract/handler.ts'
import type { Route } from '../../src/contract/route.ts'
import type { Sink, SinkSetup } from '../../src/contract/sink.ts'
import type { AlertStream, StreamSetup } from '../../src/contract/stream.ts'
import { compileExpression } from '../../src/filter/index.ts'
import { RecordingLog } from '../contract/log.ts'

export interface Bench {
  readonly stateDir: string
  readonly open: (setup: StreamSetup) => AlertStream
  readonly out: Sink
  readonly deadLetters: Sink
  readonly handler?: Handler
  readonly route?: Partial<Route>
  readonly log?: RecordingLog
  readonly bufferBytes?: number
}

/** One life of a process with one stream, whose route `*` has DEDUPE by the payload's `key`, and two sinks. */
export function lifeOf({
  stateDir,
  open,
  out,
  deadLetters,
  handler,
  route: more = {},
  log = new RecordingLog(),
  bufferBytes = 1_000_000
}: Bench) {
  const stop = new AbortController()
  const abandon = new AbortController()
  const route: Route = {
    key: '*',
    handler: handler && functionHandler('test', handler),
    filter: undefined,
    codec: undefined,
    fields: undefined,
    sinks: ['out'],
    publishKey: undefined,
    orderBy: undefined,
    concurrency: 8,
    dedupe: { key: compileExpression('key'), window: 3600 },
    retry: { attempts: 1, backoff: 0.001 },
    timeout: 5,
    deadLetter: 'rejects',
    onFailure: 'stop',
    options: {},
    ...more
  }
  const config: Config = {
    files: [],
    baseDir: stateDir,
    runner: { bufferBytes, drainSeconds: 5, logLevel: 'info', logFormat: 'json', stateDir, http: undefined },
    streams: [
      {
        id: 'source',
        name: 'Source',
        routes: [route],
        deadLetter: undefined,
        onFailure: 'stop',
        heartbeats: [],
        grouped: true,
        make: open
      }
    ],
    sinks: [sink('out', () => out), sink('rejects', () => deadLetters)],
    secrets: [],
    warnings: []
  }
  const app = new App(config, log, { stop: stop.signal, abandon: abandon.signal })
  const rows = () => Object.values(app.account.stream('source').topics)
  return {
    app,
    log,
    run: () => app.run(),
    /** As a process that is killed: nothing that is not done will be. */
    crash() {
      stop.abort()
      abandon.abort()
    },
    count: (bucket: 'delivered' | 'deduplicated' | 'deadLettered' | 'handled' | 'filtered') =>
      rows().reduce((total, row) => total + row[bucket], 0)
  }
}

function sink(name: string, make: (setup: SinkSetup) => Sink): SinkConfig {
  return { name, kind: 'MemorySink', key: undefined, make }
}
