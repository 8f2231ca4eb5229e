import type { Message } from '../contract/alert.ts'
import type { Delivery, StreamSetup } from '../contract/stream.ts'
import { Intake } from './intake.ts'
import type { Received } from './pubsub.ts'
import type { Run } from './run.ts'
import { pubsubError } from './status.ts'
import { Reachability, within } from './waiting.ts'

/** Milliseconds: acks travel in batches of 100; by then they have arrived, or the client has said that they have not. */
const ACKS_SENT = 250
/** Milliseconds that `close` waits for the last acks, and then for what it gives back. */
const LAST_ACKS = 5_000
const LAST_NACKS = 1_000

/** A streaming pull of Google's client, as far as we use it; it starts when somebody listens for messages. */
export interface Subscription {
  readonly name: string
  /** Whatever the connection tells about itself: a cut that it rides out, acks that did not arrive. */
  on(event: 'debug', listener: (about: { readonly message: string }) => void): unknown
  /** It is over; nothing more will come. */
  on(event: 'error', listener: (error: unknown) => void): unknown
  on(event: 'message', listener: (message: Received) => void): unknown
  /** Takes nothing more, keeps extending the leases of what is in flight, resolves when all of it was settled. */
  close(): Promise<unknown>
}

/** What it takes to read some subscriptions with one client. */
export interface Pulling {
  /** By topic. */
  readonly subscriptions: ReadonlyMap<string, Subscription>
  /** Puts any question to the source; rejects when there is no answer. */
  ask(signal: AbortSignal): Promise<unknown>
  /** Gives back whatever the client still holds, so that the `close` of its subscriptions resolves. */
  giveBack(): void
  /** Messages that nobody will see, and that do not count. */
  passesOver?: ((message: Message) => boolean) | undefined
}

/** Reads subscriptions, by topic, into deliveries. */
export class Puller {
  readonly #pulling: Pulling
  readonly #setup: StreamSetup
  readonly #project: string
  readonly #run: Run
  readonly #intake: Intake
  readonly #reachability: Reachability
  readonly #broken = new AbortController()
  readonly #closed = new AbortController()
  #ackTimer: NodeJS.Timeout | undefined
  #unconfirmed = false
  #stopped: Promise<unknown> | undefined

  constructor(pulling: Pulling, setup: StreamSetup, project: string, run: Run) {
    this.#pulling = pulling
    this.#setup = setup
    this.#project = project
    this.#run = run
    this.#reachability = new Reachability((signal) => pulling.ask(signal), setup.note)
    this.#intake = new Intake({
      acked: () => this.#acked(),
      refused: ({ topic, id }, error) =>
        setup.log.warn({ topic, id, err: error }, 'Pub/Sub refused an acknowledgement: the alert may come again')
    })
  }

  async *read(signal: AbortSignal): AsyncGenerator<readonly Delivery[]> {
    const ending = AbortSignal.any([signal, this.#broken.signal])
    if (ending.aborted) return
    // Not only at the loop's next turn: the caller may be busy with a batch.
    ending.addEventListener('abort', () => this.#stop(), { once: true })
    for (const [topic, subscription] of this.#pulling.subscriptions) this.#pull(topic, subscription)
    try {
      while (!ending.aborted && this.#run.left > 0) {
        const batch = this.#intake.take(this.#setup.room, this.#run.left)
        this.#run.count(batch, this.#pulling.passesOver)
        if (batch.length > 0) yield batch
        else if (this.#intake.ready) await this.#setup.room.wait(ending)
        else if (!(await this.#intake.arrival(this.#run.patience))) break
      }
      if (signal.aborted) return
      this.#broken.signal.throwIfAborted()
      this.#setup.log.info(`the run is over: ${this.#run.count([])} alerts were read`)
    } finally {
      this.#stop()
    }
  }

  /** Gives back what is not settled, and resolves once the source knows it all; false when it may not. */
  async close(): Promise<boolean> {
    const stopped = this.#stop()
    this.#intake.abandon()
    const confirmed = await within(LAST_ACKS, stopped)
    this.#closed.abort()
    clearTimeout(this.#ackTimer)
    if (this.#unconfirmed && confirmed) this.#committed()
    if (!confirmed) {
      this.#pulling.giveBack()
      await within(LAST_NACKS, stopped)
    }
    return confirmed
  }

  #pull(topic: string, subscription: Subscription): void {
    const { id, log } = this.#setup
    subscription.on('error', (error) => {
      this.#broken.abort(pubsubError(error, `${id}: ${subscription.name}`, this.#project))
    })
    subscription.on('debug', ({ message }) => {
      log.debug(`${subscription.name}: ${message}`)
      void this.#reachability.doubt(this.#closed.signal)
    })
    subscription.on('message', (message) => this.#intake.receive(topic, message))
  }

  #stop(): Promise<unknown> {
    this.#intake.stop()
    this.#stopped ??= Promise.allSettled([...this.#pulling.subscriptions.values()].map((one) => one.close()))
    return this.#stopped
  }

  /** Once reading has stopped `close` tells better. */
  #acked(): void {
    this.#unconfirmed = true
    if (this.#stopped) return
    this.#ackTimer ??= setTimeout(() => {
      this.#ackTimer = undefined
      if (this.#reachability.doubtful) this.#acked()
      else if (!this.#stopped) this.#committed()
    }, ACKS_SENT)
  }

  #committed(): void {
    this.#unconfirmed = false
    this.#setup.note({ kind: 'committed', at: new Date() })
  }
}
