import type { Delivery } from '../contract/stream.ts'
import type { Message } from '../contract/alert.ts'

interface Bounds {
  readonly MAX_RESULTS: number | undefined
  readonly TIMEOUT: number | undefined
}

/** Runs in progress, by their options: a stream that is reopened goes on counting. */
const inProgress = new WeakMap<Bounds, Run>()

/** How far a stream has come, and where it ends by itself. */
export class Run {
  /** Seconds without a message after which it is over. */
  readonly patience: number | undefined
  readonly #most: number
  #count = 0

  static of(bounds: Bounds): Run {
    const run = inProgress.get(bounds) ?? new Run(bounds)
    inProgress.set(bounds, run)
    return run
  }

  private constructor({ MAX_RESULTS, TIMEOUT }: Bounds) {
    this.#most = MAX_RESULTS ?? Number.POSITIVE_INFINITY
    this.patience = TIMEOUT
  }

  /** So many more may be handed out. */
  get left(): number {
    return this.#most - this.#count
  }

  /** Gives back how many were handed out in all; those that are passed over do not count. */
  count(deliveries: readonly Delivery[], passedOver: (message: Message) => boolean = () => false): number {
    this.#count += deliveries.filter(({ message }) => !passedOver(message)).length
    return this.#count
  }
}
