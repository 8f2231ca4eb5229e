import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from '../../src/app.ts'
import type { Config, StreamConfig } from '../../src/contract/config.ts'
import { functionHandler, type Handler } from '../../src/contract/handler.ts'
import type { Route } from '../../src/contract/route.ts'
import type { Clock } from '../../src/contract/schedule.ts'
import { systemClock } from '../../src/pipeline/clock.ts'
import { RecordingLog } from '../contract/log.ts'
import { MemorySink } from './sink.ts'
import { MemorySource } from './stream.ts'

/** A route as the configuration makes it; without a handler it republishes. */
export function routeOf(call?: Handler, over: Partial<Route> = {}): Route {
  return {
    key: 'alerts',
    handler: call && functionHandler('under-test', call),
    filter: undefined,
    codec: undefined,
    fields: undefined,
    sinks: ['out'],
    publishKey: undefined,
    orderBy: undefined,
    concurrency: 4,
    dedupe: undefined,
    retry: { attempts: 1, backoff: 0 },
    timeout: 10,
    deadLetter: undefined,
    onFailure: 'stop',
    options: {},
    ...over
  }
}

/** The whole program over sources and targets in memory. */
export class MemoryApp {
  readonly sources: Record<string, MemorySource> = {}
  readonly sinks: Record<string, MemorySink> = { out: new MemorySink(), dead: new MemorySink() }
  /** Names of sinks that are opened by the first write. */
  readonly onDemand: string[] = []
  readonly log = new RecordingLog()
  readonly stop = new AbortController()
  readonly abandon = new AbortController()
  readonly #streams: StreamConfig[] = []
  stateDir = ''
  bufferBytes = 1_000_000
  drainSeconds = 30
  clock: Clock = systemClock
  member: number | undefined
  grouped = false
  secrets: readonly string[] = []
  #app: App | undefined

  /** A stream of one route or several. */
  stream(id: string, routes: readonly Route[], over: Partial<StreamConfig> = {}): MemorySource {
    const source = new MemorySource()
    this.sources[id] = source
    this.#streams.push({
      id,
      name: 'MemoryStream',
      routes,
      deadLetter: undefined,
      onFailure: 'stop',
      heartbeats: [],
      grouped: false,
      make: source.open,
      ...over
    })
    return source
  }

  get account() {
    return this.#app!.account
  }

  get app(): App {
    return this.#app!
  }

  get readiness() {
    return this.#app!.readiness
  }

  /** What one topic of one stream came to. */
  row(stream = 'one', topic = 'alerts') {
    return this.account.stream(stream).topics[topic]
  }

  /** Runs to the end. */
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'memory-app-'))
    this.stateDir ||= join(folder, 'state')
    const shutdown = { stop: this.stop.signal, abandon: this.abandon.signal }
    this.#app = new App(this.#config(folder), this.log, shutdown, this.member, this.clock)
    try {
      return await this.#app.run()
    } finally {
      await rm(folder, { recursive: true })
    }
  }

  #config(baseDir: string): Config {
    const { bufferBytes, drainSeconds, stateDir } = this
    return {
      files: [],
      baseDir,
      runner: { bufferBytes, drainSeconds, logLevel: 'debug', logFormat: 'json', stateDir, http: undefined },
      streams: this.#streams.map((stream) => ({ ...stream, grouped: this.grouped })),
      sinks: Object.entries(this.sinks).map(([name, sink]) => ({
        name,
        kind: 'MemorySink',
        key: undefined,
        onDemand: this.onDemand.includes(name),
        make: () => sink
      })),
      secrets: this.secrets,
      warnings: []
    }
  }
}
