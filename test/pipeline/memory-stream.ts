import { codecs } from '../../src/codecs/index.ts'
import type { Message } from '../../src/contract/alert.ts'
import type { AlertStream, Delivery, StreamSetup } from '../../src/contract/stream.ts'

/** What lies at the source: it outlives the stream objects that read it. */
export class MemorySource {
  readonly acked = new Set<string>()
  /** How often a stream was opened on it. */
  opened = 0
  /** While true, an open stream hands out nothing; one that is opened later does. */
  frozen = false
  /** Whether the source can say how much it has. */
  tellsBacklog = true
  patience: number | undefined
  #waiting: Message[] = []
  #arrived: () => void = () => {}

  publish(topic: string, count: number): void {
    for (let n = 0; n < count; n++) this.#waiting.push(message(topic, `${topic}/${n}/${Math.random()}`))
    this.#arrived()
  }

  get backlog(): number {
    return this.#waiting.length
  }

  take(count: number): Message[] {
    return this.#waiting.splice(0, count)
  }

  async arrival(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#arrived = resolve
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }
}

/** A stream without a broker, by the contract, that a test can freeze. */
export class MemoryStream implements AlertStream {
  readonly codec = codecs.bytes
  readonly patience?: number
  readonly backlog?: () => Promise<number | undefined>
  readonly #source: MemorySource
  readonly #setup: StreamSetup
  readonly #number: number

  constructor(source: MemorySource, setup: StreamSetup) {
    this.#source = source
    this.#setup = setup
    this.#number = ++source.opened
    if (source.patience !== undefined) this.patience = source.patience
    if (source.tellsBacklog) this.backlog = async () => source.backlog
  }

  async connect(): Promise<void> {}

  async *read(signal: AbortSignal): AsyncGenerator<readonly Delivery[]> {
    const source = this.#source
    while (!signal.aborted) {
      const frozen = source.frozen && this.#number === 1
      const [next] = frozen || source.backlog === 0 ? [] : source.take(1)
      if (next === undefined) await source.arrival(signal)
      else {
        while (!signal.aborted && !this.#setup.room.admit(next.size)) await this.#setup.room.wait(signal)
        yield [this.#delivery(next)]
      }
    }
  }

  held(): undefined {}
  async close(): Promise<void> {}

  #delivery(message: Message): Delivery {
    return { message, partition: message.topic, stale: false, ack: () => this.#source.acked.add(message.id), nack() {} }
  }
}

function message(topic: string, id: string): Message {
  const bytes = Buffer.from('{}')
  return {
    topic,
    id,
    partition: undefined,
    offset: undefined,
    key: null,
    headers: [],
    publishedAt: undefined,
    bytes,
    size: bytes.length
  }
}
