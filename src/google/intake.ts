import type { Message } from '../contract/alert.ts'
import type { Delivery, Room } from '../contract/stream.ts'
import { type Received, toMessage } from './pubsub.ts'

/** What becomes of acknowledgements; `refused` is heard of on exactly-once subscriptions only. */
export interface AckReport {
  acked(): void
  refused(message: Message, error: unknown): void
}

/** What Pub/Sub has handed over: first waiting for `take`, then in flight until it is settled. */
export class Intake {
  readonly #report: AckReport
  readonly #unsettled = new Map<string, Taken>()
  readonly #waiting: Taken[] = []
  #stopped = false
  #arrived = () => {}

  constructor(report: AckReport) {
    this.#report = report
  }

  /** Something waits to be taken. */
  get ready(): boolean {
    return this.#waiting.length > 0
  }

  receive(topic: string, received: Received): void {
    const key = `${topic} ${received.id}`
    const twin = this.#unsettled.get(key)
    if (twin) {
      twin.redelivered(received)
      return
    }
    if (this.#stopped) {
      received.nack()
      return
    }
    const taken = new Taken(toMessage(topic, received), received, this.#report, () => this.#unsettled.delete(key))
    this.#unsettled.set(key, taken)
    this.#waiting.push(taken)
    this.#arrived()
  }

  /** As much of what is waiting as has room, and no more than `most`. */
  take(room: Room, most = Number.POSITIVE_INFINITY): readonly Delivery[] {
    const waiting = Math.min(this.#waiting.length, most)
    let count = 0
    while (count < waiting && room.admit(this.#waiting[count]!.message.size)) count++
    return this.#waiting.splice(0, count)
  }

  /** Resolves when something is ready, or after `stop`; with false when nothing came for so many seconds. */
  async arrival(seconds?: number): Promise<boolean> {
    if (this.ready || this.#stopped) return true
    return new Promise<boolean>((resolve) => {
      const timer = seconds === undefined ? undefined : setTimeout(() => resolve(false), seconds * 1000)
      this.#arrived = () => {
        clearTimeout(timer)
        resolve(true)
      }
    })
  }

  /** Gives back what nobody has taken, and all that comes from now on. */
  stop(): void {
    this.#stopped = true
    for (const taken of this.#waiting.splice(0)) taken.nack()
    this.#arrived()
  }

  /** Gives back everything that is not settled. */
  abandon(): void {
    this.stop()
    for (const taken of this.#unsettled.values()) taken.nack()
  }
}

class Taken implements Delivery {
  readonly message: Message
  readonly partition: string | undefined
  readonly stale = false
  readonly #report: AckReport
  readonly #settled: () => void
  /** The newest last. A redelivery may leave the older ones valid or not: both are settled, alike. */
  #handles: readonly Received[]

  constructor(message: Message, received: Received, report: AckReport, settled: () => void) {
    this.message = message
    this.partition = received.orderingKey ? `${message.topic}/${received.orderingKey}` : undefined
    this.#handles = [received]
    this.#report = report
    this.#settled = settled
  }

  redelivered(received: Received): void {
    this.#handles = [...this.#handles, received]
  }

  ack(): void {
    const handles = this.#settle()
    for (const [index, handle] of handles.entries()) {
      const newest = index === handles.length - 1
      handle.ackWithResponse().then(
        () => newest && this.#report.acked(),
        (error: unknown) => newest && this.#report.refused(this.message, error)
      )
    }
  }

  nack(): void {
    for (const handle of this.#settle()) handle.nack()
  }

  #settle(): readonly Received[] {
    const handles = this.#handles
    this.#handles = []
    if (handles.length > 0) this.#settled()
    return handles
  }
}
