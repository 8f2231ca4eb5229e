import { EventEmitter } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { reasonOf } from '../contract/errors.ts'
import { recordOf, recordsIn, textIn, textsOf } from './answers.ts'
import { Leases } from './leases.ts'
import type { Received } from './pubsub.ts'
import type { Subscription } from './puller.ts'
import { call, isPassing, type RestService } from './rest.ts'
import { backoffOf } from './waiting.ts'

/** Milliseconds. Pub/Sub holds a pull that finds nothing for a while; behind this one the connection is taken for dead. */
const PULL = 100_000
/** Milliseconds from one pull that found nothing to the next, at least. */
const BREATH = 500
/** Messages in a pull, at most: ten megabytes of ZTF's. */
const MOST_PULLED = 100
/** Bytes that a message is thought to have until some have come. */
const USUAL_SIZE = 70_000

export interface Limits {
  readonly messages: number
  readonly bytes: number
}

/** A subscription read by unary pulls, one at a time; it starts when somebody listens for messages. */
export class RestSubscription extends EventEmitter implements Subscription {
  readonly name: string
  readonly #service: RestService
  readonly #limits: Limits
  readonly #leases: Leases
  readonly #stop = new AbortController()
  #pulling: Promise<void> | undefined
  #messages = 0
  #bytes = 0
  #meanSize = USUAL_SIZE
  #freed = () => {}

  /** `name`: projects/PROJECT/subscriptions/NAME */
  constructor(service: RestService, name: string, limits: Limits) {
    super()
    this.name = name
    this.#service = service
    this.#limits = limits
    this.#leases = new Leases(service, name, (error) => this.#doubt(error))
    this.on('newListener', (event) => {
      if (event === 'message') this.#pulling ??= this.#pullAll()
    })
  }

  async close(): Promise<void> {
    this.#stop.abort()
    this.#freed()
    await this.#pulling
    await this.#leases.close()
  }

  /** What is still held comes again when its lease ends. */
  giveBack(): void {
    this.#leases.abandon()
  }

  async #pullAll(): Promise<void> {
    for (let failures = 0; !this.#stop.signal.aborted; ) {
      const count = this.#wanted()
      if (count === 0) {
        await new Promise<void>((resolve) => (this.#freed = resolve))
        continue
      }
      const start = Date.now()
      try {
        const found = await this.#pull(count)
        failures = 0
        if (found === 0) await this.#wait(BREATH - (Date.now() - start))
      } catch (error) {
        if (this.#stop.signal.aborted) return
        if (!isPassing(error)) return void this.emit('error', error)
        this.#doubt(error)
        await this.#wait(backoffOf(failures++))
      }
    }
  }

  async #pull(maxMessages: number): Promise<number> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(PULL)])
    const answer = await call(this.#service, 'POST', `${this.name}:pull`, signal, { maxMessages })
    const messages = recordsIn(answer, 'receivedMessages').flatMap((one) => this.#received(one) ?? [])
    for (const message of messages) this.emit('message', message)
    return messages.length
  }

  #received(one: Readonly<Record<string, unknown>>): Received | undefined {
    const message = recordOf(one.message)
    const [handle, id] = [textIn(one, 'ackId'), textIn(message, 'messageId')]
    if (handle === undefined || id === undefined) return undefined
    const data = Buffer.from(textIn(message, 'data') ?? '', 'base64')
    this.#hold(handle, data.length)
    return {
      id,
      data,
      attributes: textsOf(message?.attributes),
      orderingKey: textIn(message, 'orderingKey'),
      publishTime: new Date(textIn(message, 'publishTime') ?? Number.NaN),
      ackWithResponse: () => {
        this.#release(data.length)
        return this.#leases.ack(handle)
      },
      nack: () => {
        this.#release(data.length)
        this.#leases.nack(handle)
      }
    }
  }

  #hold(handle: string, size: number): void {
    this.#leases.hold(handle)
    this.#messages++
    this.#bytes += size
    this.#meanSize += (size - this.#meanSize) / 20
  }

  #release(size: number): void {
    this.#messages--
    this.#bytes -= size
    this.#freed()
  }

  /** How many to ask for: those that there is probably room for. */
  #wanted(): number {
    const { messages, bytes } = this.#limits
    if (this.#messages === 0) return Math.max(1, Math.min(MOST_PULLED, messages, Math.floor(bytes / this.#meanSize)))
    const fitting = Math.floor((bytes - this.#bytes) / this.#meanSize)
    return Math.max(0, Math.min(MOST_PULLED, messages - this.#messages, fitting))
  }

  #doubt(error: unknown): void {
    this.emit('debug', { message: reasonOf(error) })
  }

  async #wait(milliseconds: number): Promise<void> {
    if (milliseconds <= 0) return
    await pause(milliseconds, undefined, { signal: this.#stop.signal }).catch(() => {})
  }
}
