import { setTimeout as pause } from 'node:timers/promises'
import { persist } from './persist.ts'
import { call, RestError, type RestService } from './rest.ts'

/** Seconds. The shortest lease that a subscription can have, and what ours is extended to. */
const FIRST_LEASE = 10
const LEASE = 60
/** Milliseconds between two looks at the leases, in which what is settled gathers, and that one request may take. */
const LOOK = 1_000
const GATHER = 20
const REQUEST = 10_000
/** Google takes 512 KiB of handles in a request; one has about 200 bytes. */
const MOST_HANDLES = 1_000

interface Ack {
  readonly handle: string
  readonly done: () => void
  readonly refused: (error: unknown) => void
}

/**
 * What one subscription has handed out, over HTTP: its leases are extended until it is acknowledged or given back, and
 * both go out in batches. Requests that fail in passing are repeated.
 */
export class Leases {
  readonly #service: RestService
  readonly #subscription: string
  readonly #trouble: (error: unknown) => void
  /** By handle, when the lease has to be extended: milliseconds since 1970. */
  readonly #held = new Map<string, number>()
  readonly #timer: NodeJS.Timeout
  readonly #ended = new AbortController()
  #acks: Ack[] = []
  #nacks: string[] = []
  #sending: Promise<void> | undefined
  #extending = false
  #settled = () => {}

  /** `trouble` hears of each request that failed. */
  constructor(service: RestService, subscription: string, trouble: (error: unknown) => void) {
    this.#service = service
    this.#subscription = subscription
    this.#trouble = trouble
    this.#timer = setInterval(() => void this.#extend(), LOOK)
  }

  hold(handle: string): void {
    this.#held.set(handle, Date.now() + FIRST_LEASE * 500)
  }

  /** Resolves when Pub/Sub has it, which is after any number of failures. Rejects where it says no. */
  ack(handle: string): Promise<void> {
    this.#held.delete(handle)
    return new Promise((done, refused) => {
      this.#acks.push({ handle, done, refused })
      this.#send()
    })
  }

  nack(handle: string): void {
    this.#held.delete(handle)
    this.#nacks.push(handle)
    this.#send()
  }

  /** Resolves when nothing is held any more and Pub/Sub knows what became of it. */
  async close(): Promise<void> {
    while (this.#held.size > 0 || this.#sending) {
      await (this.#sending ?? new Promise<void>((resolve) => (this.#settled = resolve)))
    }
    clearInterval(this.#timer)
  }

  /** No more requests: what is not known to Pub/Sub comes again when its lease ends. */
  abandon(): void {
    this.#held.clear()
    this.#ended.abort(new Error('the stream was closed'))
    clearInterval(this.#timer)
    this.#settled()
  }

  #send(): void {
    this.#sending ??= this.#drain().finally(() => {
      this.#sending = undefined
    })
    this.#settled()
  }

  async #drain(): Promise<void> {
    await pause(GATHER)
    while (this.#acks.length > 0 || this.#nacks.length > 0) {
      const acks = this.#acks.splice(0, MOST_HANDLES)
      const nacks = this.#nacks.splice(0, MOST_HANDLES)
      if (acks.length > 0) await this.#acknowledge(acks)
      if (nacks.length > 0) {
        const body = { ackIds: nacks, ackDeadlineSeconds: 0 }
        await this.#persist('modifyAckDeadline', body).catch(() => {})
      }
    }
  }

  async #acknowledge(acks: readonly Ack[]): Promise<void> {
    try {
      await this.#persist('acknowledge', { ackIds: acks.map(({ handle }) => handle) })
      for (const { done } of acks) done()
    } catch (error) {
      // An exactly-once subscription says so for each; the others of the request count.
      const reasons = error instanceof RestError ? error.metadata : {}
      const each = acks.some(({ handle }) => Object.hasOwn(reasons, handle))
      for (const { handle, done, refused } of acks) {
        if (!each) refused(error)
        else if (!Object.hasOwn(reasons, handle)) done()
        else refused(new Error(String(reasons[handle])))
      }
    }
  }

  async #extend(): Promise<void> {
    if (this.#extending) return
    const now = Date.now()
    const due = [...this.#held].filter(([, time]) => time <= now)
    if (due.length === 0) return
    this.#extending = true
    for (let i = 0; i < due.length; i += MOST_HANDLES) {
      const ackIds = due.slice(i, i + MOST_HANDLES).map(([handle]) => handle)
      try {
        await this.#call('modifyAckDeadline', { ackIds, ackDeadlineSeconds: LEASE })
        for (const handle of ackIds) if (this.#held.has(handle)) this.#held.set(handle, now + LEASE * 500)
      } catch (error) {
        if (!this.#ended.signal.aborted) this.#trouble(error)
      }
    }
    this.#extending = false
  }

  #persist(verb: string, body: unknown): Promise<void> {
    return persist(() => this.#call(verb, body), this.#ended.signal, this.#trouble)
  }

  async #call(verb: string, body: unknown): Promise<void> {
    const signal = AbortSignal.any([this.#ended.signal, AbortSignal.timeout(REQUEST)])
    await call(this.#service, 'POST', `${this.#subscription}:${verb}`, signal, body)
  }
}
