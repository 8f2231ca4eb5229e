import type { StreamConfig } from '../../src/contract/config.ts'
import type { Handler } from '../../src/contract/handler.ts'
import type { StreamAccount } from '../../src/pipeline/account.ts'
import { MemoryApp, routeOf } from './app.ts'
import { MemorySource } from './stream.ts'

interface Settings extends Partial<Pick<StreamConfig, 'heartbeats' | 'make'>> {
  readonly call?: Handler
}

/** The program around one stream and no sinks, started; `await using` stops it. */
export class RunningApp {
  readonly #app = new MemoryApp()
  readonly #ended: Promise<unknown>

  constructor(source = new MemorySource(), { call = () => undefined, ...over }: Settings = {}) {
    this.#app.bufferBytes = 1000
    this.#app.drainSeconds = 5
    const route = routeOf(call, { key: '*', sinks: [], timeout: 60 })
    this.#app.stream('memory', [route], { make: source.open, ...over })
    this.#ended = this.#app.run()
  }

  get log() {
    return this.#app.log
  }

  get app() {
    return this.#app.app
  }

  get account(): StreamAccount {
    return this.#app.account.stream('memory')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#app.stop.abort()
    await this.#ended
  }
}
