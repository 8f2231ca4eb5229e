import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from '../../src/app.ts'
import type { Heartbeat, StreamConfig } from '../../src/contract/config.ts'
import type { Handler } from '../../src/contract/handler.ts'
import type { Route } from '../../src/contract/route.ts'
import type { StreamAccount } from '../../src/pipeline/account.ts'
import { RecordingLog } from '../contract/log.ts'
import { type MemorySource, MemoryStream } from './memory-stream.ts'

interface Settings {
  readonly heartbeats?: readonly Heartbeat[]
  readonly call?: Handler
  readonly make?: StreamConfig['make']
}

/** The program around one stream in memory, started; `await using` stops it. */
export class MemoryApp {
  readonly log = new RecordingLog()
  readonly app: App
  readonly #folder = mkdtempSync(join(tmpdir(), 'alertstreams-memory-'))
  readonly #stop = new AbortController()
  readonly #ended: Promise<unknown>

  constructor(source: MemorySource, { heartbeats = [], call = () => undefined, make }: Settings = {}) {
    const stream: StreamConfig = {
      id: 'memory',
      name: 'MemoryStream',
      routes: [route(call)],
      deadLetter: undefined,
      onFailure: 'stop',
      heartbeats,
      grouped: false,
      make: make ?? ((setup) => new MemoryStream(source, setup))
    }
    const runner = {
      bufferBytes: 1000,
      drainSeconds: 5,
      logLevel: 'debug' as const,
      stateDir: this.#folder,
      http: undefined
    }
    const config = { files: [], baseDir: this.#folder, runner, streams: [stream], sinks: [], secrets: [], warnings: [] }
    const abandon = new AbortController().signal
    this.app = new App(config, this.log, { stop: this.#stop.signal, abandon })
    this.#ended = this.app.run()
  }

  get account(): StreamAccount {
    return this.app.account.stream('memory')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#ended
    rmSync(this.#folder, { recursive: true })
  }
}

function route(call: Handler): Route {
  return {
    key: '*',
    handler: { name: 'test', call },
    filter: undefined,
    codec: undefined,
    fields: undefined,
    sinks: [],
    publishKey: undefined,
    orderBy: undefined,
    concurrency: 4,
    dedupe: undefined,
    retry: { attempts: 1, backoff: 0 },
    timeout: 60,
    deadLetter: undefined,
    onFailure: 'stop',
    options: {}
  }
}
