import type { Deduper } from '../contract/dedupe.ts'
import type { Expression, Filter } from '../contract/filter.ts'
import type { HandlerResult, HandlerSetup, OpenHandler } from '../contract/handler.ts'
import type { Logger } from '../contract/log.ts'
import type { Route } from '../contract/route.ts'
import type { StreamAccount } from './account.ts'
import { callHandler, handlerError } from './call.ts'
import { type Failures, failureOf } from './failures.ts'
import { Lanes } from './lanes.ts'
import type { Preparation } from './preparation.ts'
import { address } from './publish.ts'
import type { Surroundings } from './surroundings.ts'
import type { Work } from './work.ts'

/**
 * The steps of one route: lane, what decoding needs, filter, duplicates, handler, outboxes. Each goes on at once where it can and later where
 * it must, so that an alert nobody has to wait for costs no promise.
 */
export class Steps {
  readonly #route: Route
  readonly #around: Surroundings
  readonly #log: Logger
  readonly #failures: Failures
  readonly #account: StreamAccount
  /** The stream has failed for good: nothing more is started. */
  readonly #over: AbortSignal
  readonly #lanes: Lanes
  readonly #preparation: Preparation
  /** Somebody reads the payload, so that what it needs is fetched first. */
  readonly #decodes: boolean
  readonly #deduper: Deduper | undefined
  /** Undefined where the route has none. */
  #handler: OpenHandler | undefined
  #oddPayload = false

  constructor(
    route: Route,
    stream: string,
    around: Surroundings,
    log: Logger,
    { failures, preparation, over }: { failures: Failures; preparation: Preparation; over: AbortSignal }
  ) {
    this.#route = route
    this.#around = around
    this.#log = log
    this.#failures = failures
    this.#account = around.account.stream(stream)
    this.#over = over
    this.#lanes = new Lanes(route.concurrency, (work) => this.#start(work))
    this.#preparation = preparation
    this.#decodes = readsPayload(route, around.outboxes)
    this.#deduper = route.dedupe && around.deduperOf(stream, route)
  }

  /** Before anything enters. `waiting`: see `HandlerSetup`. */
  open(waiting: HandlerSetup['waiting']): void {
    const { key, handler, timeout } = this.#route
    this.#handler = handler?.open({ log: this.#log.child({ route: key }), timeout, waiting })
  }

  /** When nothing is left that entered. */
  async close(): Promise<void> {
    await this.#handler?.close()
    this.#handler = undefined
  }

  /** Into the lane in which it must wait its turn; a promise only where ORDER_BY has to wait for a schema. */
  enter(work: Work): void | Promise<void> {
    const { orderBy } = this.#route
    const { partition } = work.delivery
    if (orderBy === undefined) return this.#lanes.enter(partition, work)
    if (orderBy === 'none') return this.#lanes.enter(undefined, work)
    return this.#attempt(work, () =>
      this.#prepared(work, orderBy.fields?.length !== 0, () => {
        const key = evaluated(orderBy, work)
        this.#lanes.enter(key === null || key === undefined ? partition : `by ${String(key)}`, work)
      })
    )
  }

  #start(work: Work): void | Promise<void> {
    if (this.#isOver(work)) return
    const { filter } = this.#route
    return this.#attempt(work, () =>
      this.#prepared(work, this.#decodes, () =>
        filter === undefined ? this.#unlessKnown(work) : this.#filter(work, filter)
      )
    )
  }

  /** Goes on at once where nothing has to be fetched. */
  #prepared(work: Work, needed: boolean, next: () => void | Promise<void>): void | Promise<void> {
    const fetching = needed ? this.#preparation.of(work) : undefined
    if (fetching === undefined) return next()
    return fetching.then(() => (this.#isOver(work) ? undefined : next()))
  }

  /** True for what need not go further: it is given back, or will be. */
  #isOver(work: Work): boolean {
    if (this.#over.aborted || work.delivery.stale) work.settle('givenBack')
    return work.settled || this.#around.shutdown.abandon.aborted
  }

  #filter(work: Work, filter: Filter): void | Promise<void> {
    const payload = work.alert.project(filter.fields)
    if (filter.passes(payload, work.message, work.stream)) return this.#unlessKnown(work)
    if (!this.#oddPayload && filter.fields?.length !== 0 && !isRecord(payload)) this.#sayOdd(work)
    return work.settle('filtered')
  }

  /** Said once: a filter over fields is false for every alert that has none. */
  #sayOdd({ message }: Work): void {
    this.#oddPayload = true
    const text = `the payload of ${message.id} is no record, so FILTER finds no fields in it; does the route need CODEC?`
    this.#log.warn({ topic: message.topic, route: this.#route.key }, text)
  }

  #unlessKnown(work: Work): void | Promise<void> {
    const { dedupe } = this.#route
    if (dedupe === undefined) return this.#handle(work)
    return this.#claim(work, evaluated(dedupe.key, work))
  }

  /** The first with a key goes on; its twins wait until it is delivered, or until one of them must take its place. */
  #claim(work: Work, key: unknown): void | Promise<void> {
    const claim = this.#deduper!.claim(key)
    if (claim === 'delivered') return work.settle('deduplicated')
    if (claim instanceof Promise) return claim.then(() => (this.#isOver(work) ? undefined : this.#claim(work, key)))
    work.claim = claim
    return this.#handle(work)
  }

  #handle(work: Work): void | Promise<void> {
    const route = this.#route
    if (route.handler === undefined) return this.#publish(work, work.alert)
    return then(callHandler(work, this.#handler!, route, this.#log, this.#around.shutdown.abandon), (called) => {
      if (called === undefined) return
      this.#account.failedCalls += ('error' in called ? called.attempts : called.failed) ?? 0
      if ('error' in called) return this.#failures.failWith(work, handlerError(called.error, route), called.attempts)
      return this.#publish(work, called.result)
    })
  }

  #publish(work: Work, result: HandlerResult): void {
    const route = this.#route
    const addressed = address(work, route, result, this.#around.outboxes)
    // Of a route with SINKS, only what went into them is delivered: its twin may have more to say.
    if (addressed.length === 0) return route.sinks.length > 0 ? work.settle('handled') : work.complete('handled')
    work.expect(addressed.length)
    for (const { outbox, outgoing } of addressed) {
      // One that could not be placed has ended it.
      if (work.settled) return
      try {
        outbox.put(work, outgoing)
      } catch (error) {
        const failure = failureOf(error, 'SINK_REJECTED', 1)
        work.rejected({ ...failure, reason: `sink ${outbox.name}: ${failure.reason}` })
      }
    }
  }

  /** Runs a step; what it throws makes the alert a failed one. */
  #attempt(work: Work, step: () => void | Promise<void>): void | Promise<void> {
    try {
      const pending = step()
      return pending instanceof Promise ? pending.catch((error) => this.#failures.failWith(work, error)) : undefined
    } catch (error) {
      return this.#failures.failWith(work, error)
    }
  }
}

/** Goes on at once where it can, later where it must. */
function then<T, R>(value: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then(next) : next(value)
}

function evaluated(expression: Expression, work: Work): unknown {
  const payload = expression.fields?.length === 0 ? undefined : work.alert.payload()
  return expression.value(payload, work.message, work.stream)
}

function readsPayload(route: Route, outboxes: Surroundings['outboxes']): boolean {
  if (route.handler !== undefined) return true
  const sinks = route.sinks.map((name) => outboxes.get(name))
  const expressions = [route.filter, route.dedupe?.key, route.publishKey, ...sinks.map((outbox) => outbox?.key)]
  return (
    expressions.some((expression) => expression !== undefined && expression.fields?.length !== 0) ||
    sinks.some((outbox) => outbox?.readsPayload)
  )
}

function isRecord(payload: unknown): boolean {
  return typeof payload === 'object' && payload !== null && !(payload instanceof Uint8Array) && !Array.isArray(payload)
}
