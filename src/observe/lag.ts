import { setTimeout as sleep } from 'node:timers/promises'
import type { Metric } from './metric-list.ts'
import type { ObservedStream, Sample } from './observed.ts'

/** Milliseconds: a source is not asked again within the one, and a scrape waits no longer than the other. */
const FRESH = 10_000
const PATIENCE = 1000

/** How much the sources still hold, as far as they were last heard of. */
export class Lag implements Metric {
  readonly name = 'alertstreams_stream_lag_messages'
  readonly help = 'Messages that the source still holds for the stream, where it can tell.'
  readonly type = 'gauge'
  readonly #sources: readonly Source[]

  constructor(streams: readonly ObservedStream[]) {
    this.#sources = streams.map((stream) => new Source(stream))
  }

  samples = async (): Promise<readonly Sample[]> => {
    await Promise.race([
      Promise.all(this.#sources.map((source) => source.heard())),
      sleep(PATIENCE, undefined, { ref: false })
    ])
    return this.#sources.flatMap(({ id, messages }) =>
      messages === undefined ? [] : [{ labels: { stream: id }, value: messages }]
    )
  }
}

class Source {
  readonly id: string
  messages: number | undefined
  readonly #stream: ObservedStream
  #asked = Number.NEGATIVE_INFINITY
  #answer: Promise<void> | undefined

  constructor(stream: ObservedStream) {
    this.id = stream.id
    this.#stream = stream
  }

  /** Resolves when the source has answered, at once if it has lately. */
  heard(): Promise<void> | undefined {
    if (this.#answer === undefined && performance.now() - this.#asked > FRESH) {
      this.#asked = performance.now()
      this.#answer = this.#ask().finally(() => {
        this.#answer = undefined
      })
    }
    return this.#answer
  }

  async #ask(): Promise<void> {
    this.messages = await this.#stream.backlog().catch(() => undefined)
  }
}
