import type { AlertStream, Delivery } from '../../src/contract/stream.ts'
import type { TestRoom } from './room.ts'

/** How long a real broker may take for anything, milliseconds. */
export const PATIENCE = 60_000

/** One life of a stream: connected, being read, settled as the test says, closed. */
export class Reading {
  readonly #stream: AlertStream
  readonly #room: TestRoom
  readonly #stop = new AbortController()
  readonly #all: Delivery[] = []
  readonly #open = new Set<Delivery>()
  readonly #ended: Promise<void>
  #isOver = false
  #failure: unknown
  #taken = 0
  #wake: () => void = () => {}

  /** Connects and reads on, whether or not somebody takes. */
  static async start(stream: AlertStream, room: TestRoom): Promise<Reading> {
    await stream.connect(AbortSignal.timeout(PATIENCE))
    return new Reading(stream, room)
  }

  private constructor(stream: AlertStream, room: TestRoom) {
    this.#stream = stream
    this.#room = room
    this.#ended = this.#run()
  }

  /** Everything handed out so far. */
  get deliveries(): readonly Delivery[] {
    return this.#all
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** The next so many deliveries that no `take` gave back yet; rejects when they do not come. */
  async take(count: number): Promise<readonly Delivery[]> {
    const deadline = Date.now() + PATIENCE / 2
    while (this.#all.length < this.#taken + count) {
      if (this.#failure !== undefined) throw this.#failure
      const left = deadline - Date.now()
      if (this.#isOver || left <= 0) {
        const state = this.#isOver ? 'the stream ended' : 'nothing more came in time'
        throw new Error(`${state}: ${this.#all.length - this.#taken} of ${count} messages`)
      }
      await this.#change(left)
    }
    this.#taken += count
    return this.#all.slice(this.#taken - count, this.#taken)
  }

  /** What comes within a while beyond what was taken. */
  async rest(milliseconds: number): Promise<readonly Delivery[]> {
    await new Promise((resolve) => setTimeout(resolve, milliseconds))
    const rest = this.#all.slice(this.#taken)
    this.#taken = this.#all.length
    return rest
  }

  ack(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) if (this.#settle(delivery)) delivery.ack()
  }

  nack(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) if (this.#settle(delivery)) delivery.nack()
  }

  /** Resolves when `read` has ended by itself; rejects with what it threw. */
  async end(): Promise<void> {
    await this.#ended
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Aborts `read` and waits for its end. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.end()
  }

  /** As the runner does it: stop reading, give back what is not settled, close. */
  async close(): Promise<void> {
    await this.stop()
    this.nack([...this.#open])
    await this.#stream.close()
  }

  async #run(): Promise<void> {
    try {
      for await (const batch of this.#stream.read(this.#stop.signal)) {
        for (const delivery of batch) this.#open.add(delivery)
        this.#all.push(...batch)
        this.#wake()
      }
    } catch (error) {
      this.#failure = error
    }
    this.#isOver = true
    this.#wake()
  }

  #settle(delivery: Delivery): boolean {
    if (!this.#open.delete(delivery)) return false
    this.#room.release(delivery.message.size)
    return true
  }

  #change(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
