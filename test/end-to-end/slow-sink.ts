import { setTimeout as sleep } from 'node:timers/promises'
import { number, type OptionsOf } from '../../src/contract/options.ts'
import type { Rejection, SinkSetup } from '../../src/contract/sink.ts'
import type { PlacedRecord } from '../../src/kafka/cut.ts'
import { KafkaSink } from '../../src/sinks/kafka.ts'

const fields = {
  ...KafkaSink.fields,
  DELAY: number('Milliseconds that a write to a topic whose name ends in -1 is held; -2 takes twice as long, -0 none.')
}

/** Kafka, but slow, and slower for some topics than for others: what was read together finishes out of order. */
export class SlowSink extends KafkaSink {
  static override readonly fields = fields
  readonly #delay: number

  constructor(options: OptionsOf<typeof fields>, setup: SinkSetup) {
    super(options, setup)
    this.#delay = options.DELAY ?? 0
  }

  override async write(batch: readonly PlacedRecord[], signal: AbortSignal): Promise<readonly Rejection[]> {
    const factor = Number(batch[0]!.target.at(-1))
    await sleep(this.#delay * factor, undefined, { signal })
    return super.write(batch, signal)
  }
}
