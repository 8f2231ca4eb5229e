import type { StreamConfig } from '../contract/config.ts'
import type { Deduper } from '../contract/dedupe.ts'
import { AlertStreamsError, actionOf, adviceOf, codeOf, reasonOf } from '../contract/errors.ts'
import type { HandlerResult } from '../contract/handler.ts'
import type { Logger } from '../contract/log.ts'
import type { Route } from '../contract/route.ts'
import type { Failure, Source } from '../contract/sink.ts'
import type { AlertStream, Delivery, StreamEvent, StreamSetup } from '../contract/stream.ts'
import { type Account, type StreamAccount, type TopicAccount, topicAccount } from './account.ts'
import { StreamAlert } from './alert.ts'
import type { Share } from './budget.ts'
import { callHandler, handlerError } from './call.ts'
import { Heartbeats } from './heartbeats.ts'
import { Lanes } from './lanes.ts'
import type { Outbox } from './outbox.ts'
import { address } from './publish.ts'
import { backoff, sleep } from './retry.ts'
import { Routes } from './routes.ts'
import { Watchdog } from './watchdog.ts'
import { republished, Work, type WorkOwner } from './work.ts'

/** Two signals: stop reading, and later, stop waiting. */
export interface Shutdown {
  readonly stop: AbortSignal
  readonly abandon: AbortSignal
}

/** What a pipeline shares with the others. */
export interface Surroundings {
  readonly account: Account
  readonly share: Share
  readonly outboxes: ReadonlyMap<string, Outbox>
  readonly log: Logger
  readonly baseDir: string
  readonly stateDir: string
  readonly shutdown: Shutdown
  /** What a route with DEDUPE has delivered. */
  deduperOf(stream: string, route: Route): Deduper
  /** Keeps a dead letter that its sink refused, and says where. */
  keepRefused(deadLetter: Source): Promise<string>
}

/** It is opened again at once. */
const STALLED = new Error('the stream stood still')

/** One stream's way: read, route, filter, handle, write, settle. */
export class Pipeline implements WorkOwner {
  readonly id: string
  readonly share: Share
  readonly account: StreamAccount
  /** Why it failed for good. */
  failure: AlertStreamsError | Error | undefined
  readonly #config: StreamConfig
  readonly #around: Surroundings
  readonly #log: Logger
  readonly #routes: Routes
  readonly #watchdog: Watchdog
  readonly #lanes = new Map<Route, Lanes>()
  readonly #dedupers = new Map<Route, Deduper>()
  readonly #works = new Set<Work>()
  readonly #failed = new AbortController()
  readonly #rows = new Map<string, TopicAccount>()
  #settledAll: (() => void) | undefined

  constructor(config: StreamConfig, around: Surroundings) {
    this.id = config.id
    this.share = around.share
    this.account = around.account.stream(config.id)
    this.#config = config
    this.#around = around
    this.#log = around.log.child({ stream: config.id })
    this.#watchdog = new Watchdog(this.account, this.#log)
    this.#routes = new Routes(config.routes)
    for (const route of config.routes) {
      this.#lanes.set(route, new Lanes(route.concurrency, (work) => this.#process(work, route)))
      if (route.dedupe !== undefined) this.#dedupers.set(route, around.deduperOf(this.id, route))
    }
  }

  /** Resolves when the stream has ended, was stopped or failed for good, and everything taken is settled. */
  async run(): Promise<void> {
    const stop = AbortSignal.any([this.#around.shutdown.stop, this.#failed.signal])
    const heartbeats = new Heartbeats(this.#config.heartbeats, this.account, this.#log)
    for (let attempt = 1; !stop.aborted; attempt++) {
      const since = Date.now()
      const error = await this.#runOnce(stop)
      if (error === undefined) break
      if (stop.aborted) break
      if (error === STALLED) continue
      if (actionOf(codeOf(error, 'CONNECT_FAILED')) === 'stop') {
        this.#failForGood(error)
        break
      }
      if (Date.now() - since > 60_000) attempt = 1
      const pause = backoff(attempt, 1, 30)
      this.#state('waiting', reasonOf(error))
      const fields = { code: codeOf(error, 'CONNECT_FAILED'), attempt }
      this.#log.warn(fields, `${adviceOf(error)} Trying again in ${pause.toFixed(1)} s.`)
      await sleep(pause, stop)
    }
    heartbeats.stop()
    await this.#drained()
    this.#state(this.failure ? 'failed' : stop.aborted ? 'stopped' : 'ended', this.failure && reasonOf(this.failure))
  }

  /** Opens the stream and reads it to its end; gives back what ended it early. */
  async #runOnce(stop: AbortSignal): Promise<unknown> {
    let stream: AlertStream | undefined
    try {
      this.#state('connecting')
      stream = this.#config.make(this.#setup())
      await stream.connect(stop)
      this.#state('reading')
      const stalled = this.#watchdog.watch(stream)
      for await (const batch of stream.read(AbortSignal.any([stop, stalled]))) {
        for (const delivery of batch) {
          const pending = this.#take(delivery, stream)
          if (pending !== undefined) await pending
        }
      }
      this.#state('draining')
      await this.#drained()
      return stalled.aborted ? STALLED : undefined
    } catch (error) {
      return error ?? new Error('unknown error')
    } finally {
      this.#watchdog.rest()
      await stream?.close().catch((error) => this.#log.warn({ reason: reasonOf(error) }, 'closing the stream failed'))
    }
  }

  #setup(): StreamSetup {
    const { share, baseDir, stateDir } = this.#around
    const topics = this.#config.routes.map((route) => route.key)
    return { id: this.id, topics, room: share, log: this.#log, baseDir, stateDir, note: (event) => this.#note(event) }
  }

  #note(event: StreamEvent): void {
    if (event.kind === 'committed') this.account.lastCommit = event.at
    else if (event.kind === 'reading') this.#state('reading')
    else if (event.kind === 'waiting') this.#state('waiting', event.reason)
    else {
      const missed = this.account.missed
      missed[event.topic] = (missed[event.topic] ?? 0) + event.missed
      this.#log.error({ ...event }, `${event.missed} messages of ${event.topic} are gone before they could be read`)
    }
  }

  #state(state: string, reason?: string): void {
    this.account.state = state
    this.account.reason = reason
  }

  #take(delivery: Delivery, stream: AlertStream): void | Promise<void> {
    const { message } = delivery
    this.account.firstMessage ??= new Date()
    let row = this.#rows.get(message.topic)
    if (row === undefined) {
      row = topicAccount(this.account, message.topic)
      this.#rows.set(message.topic, row)
    }
    row.received++
    row.inFlight++
    const route = this.#routes.find(message.topic)
    const alert = new StreamAlert(message, this.id, route?.codec ?? stream.codec, route?.fields)
    const work = new Work(delivery, alert, stream, this, row, route)
    this.#works.add(work)
    if (stream.ignores?.(message)) return work.settle('skipped')
    if (route === undefined) {
      const reason = `no key of TOPIC_HANDLERS matches the topic ${message.topic}`
      return this.#fail(work, { code: 'NO_ROUTE', reason, stack: undefined, attempts: 1 })
    }
    const lanes = this.#lanes.get(route)!
    if (route.orderBy === undefined) return lanes.enter(delivery.partition, work)
    if (route.orderBy === 'none') return lanes.enter(undefined, work)
    return this.#attempt(work, () => {
      const { fields } = route.orderBy as Exclude<Route['orderBy'], 'none' | undefined>
      return then(fields?.length === 0 ? undefined : alert.payload(), (payload) => {
        const value = (route.orderBy as { value(p: unknown, m: unknown, s: string): unknown }).value(
          payload,
          message,
          this.id
        )
        lanes.enter(value === null || value === undefined ? delivery.partition : `by ${String(value)}`, work)
      })
    })
  }

  #process(work: Work, route: Route): void | Promise<void> {
    if (this.#isOver(work)) return
    return this.#attempt(work, () => {
      if (route.filter === undefined) return this.#unlessKnown(work, route)
      const { filter } = route
      return then(work.alert.project(filter.fields), (payload) =>
        filter.passes(payload, work.message, this.id) ? this.#unlessKnown(work, route) : work.settle('filtered')
      )
    })
  }

  /** True for what need not go further: it is given back, or will be. */
  #isOver(work: Work): boolean {
    if (this.#failed.signal.aborted || work.delivery.stale) work.settle('givenBack')
    return work.settled || this.#around.shutdown.abandon.aborted
  }

  #unlessKnown(work: Work, route: Route): void | Promise<void> {
    if (route.dedupe === undefined) return this.#handle(work, route)
    const { key } = route.dedupe
    return then(key.fields?.length === 0 ? undefined : work.alert.payload(), (payload) =>
      this.#claim(work, route, key.value(payload, work.message, this.id))
    )
  }

  /** The first with a key goes on; its twins wait until it is delivered, or until one of them must take its place. */
  #claim(work: Work, route: Route, key: unknown): void | Promise<void> {
    const claim = this.#dedupers.get(route)!.claim(key)
    if (claim === 'delivered') return work.settle('deduplicated')
    if (claim instanceof Promise)
      return claim.then(() => (this.#isOver(work) ? undefined : this.#claim(work, route, key)))
    work.claim = claim
    return this.#handle(work, route)
  }

  #handle(work: Work, route: Route): void | Promise<void> {
    if (route.handler === undefined) return this.#publish(work, route, work.alert)
    const { shutdown } = this.#around
    return then(callHandler(work, route, this.#log, shutdown.abandon), (called) => {
      if (called === undefined) return
      if ('error' in called) return this.#failWith(work, handlerError(called.error, route), called.attempts)
      return this.#publish(work, route, called.result)
    })
  }

  #publish(work: Work, route: Route, result: HandlerResult): void {
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
        const code = codeOf(error, 'SINK_REJECTED')
        work.rejected({ code, reason: `sink ${outbox.name}: ${reasonOf(error)}`, stack: stackOf(error), attempts: 1 })
      }
    }
  }

  /** Runs a step; what it throws makes the alert a failed one. */
  #attempt(work: Work, step: () => void | Promise<void>): void | Promise<void> {
    try {
      const pending = step()
      return pending instanceof Promise ? pending.catch((error) => this.#failWith(work, error, 1)) : undefined
    } catch (error) {
      return this.#failWith(work, error, 1)
    }
  }

  #failWith(work: Work, error: unknown, attempts: number): void {
    this.#fail(work, {
      code: codeOf(error, 'HANDLER_FAILED'),
      reason: reasonOf(error),
      stack: stackOf(error),
      attempts
    })
  }

  /** One alert has failed: dead letter, or skipped when that was asked for, or the stream fails for good. */
  #fail(work: Work, failure: Failure): void {
    const { deadLetter, onFailure } = work.matched ?? this.#config
    const fields = { topic: work.message.topic, alert: work.message.id, code: failure.code, attempts: failure.attempts }
    if (deadLetter !== undefined) {
      this.#log.warn(fields, `dead letter: ${failure.reason}`)
      work.fail('deadLettered', failure)
      work.expect(1)
      return this.#putDeadLetter(work, deadLetter)
    }
    if (onFailure === 'skip') {
      this.#log.error(fields, `skipped (ON_FAILURE: skip): ${failure.reason}`)
      return work.settle('skipped')
    }
    this.#log.error(fields, `${failure.reason}: the stream stops here, and delivers this alert again when restarted`)
    this.#failForGood(
      new AlertStreamsError('ALERT_FAILED', `alert ${work.message.id} failed, no DEAD_LETTER: ${failure.reason}`, {
        remedy: 'Mend the cause and restart; or set DEAD_LETTER to the name of a sink, or ON_FAILURE: skip.'
      })
    )
    work.settle('givenBack')
  }

  #putDeadLetter(work: Work, sink: string): void {
    const outgoing = { ...republished(work.alert), key: work.message.key }
    try {
      this.#around.outboxes.get(sink)!.put(work, outgoing, true)
    } catch (error) {
      work.deadLetterRejected(`sink ${sink}: ${reasonOf(error)}`)
    }
  }

  refused(work: Work, failure: Failure): void {
    this.#fail(work, failure)
  }

  undeliverable(work: Work, reason: string): void {
    work.expect(1)
    this.#around.keepRefused(work.deadLetter).then(
      (path) => {
        this.#log.error(
          { alert: work.message.id, path },
          `the dead letter sink refused it (${reason}); kept in ${path}`
        )
        work.written()
      },
      (error) => {
        const what = `a dead letter can be kept nowhere: ${reason}; ${reasonOf(error)}`
        this.#failForGood(new AlertStreamsError('DEAD_LETTER_FAILED', what, { cause: error }))
        work.settle('givenBack')
      }
    )
  }

  #failForGood(error: unknown): void {
    if (this.failure !== undefined) return
    this.failure = error instanceof Error ? error : new Error(String(error))
    this.#log.error({ code: codeOf(error, 'ALERT_FAILED') }, `stream failed: ${adviceOf(error)}`)
    this.#state('failed', reasonOf(error))
    this.#failed.abort()
  }

  settled(work: Work): void {
    this.#works.delete(work)
    if (this.#works.size === 0) this.#settledAll?.()
  }

  /** Resolves when everything taken is settled; when the process can wait no longer, the rest is given back. */
  async #drained(): Promise<void> {
    const { abandon } = this.#around.shutdown
    if (this.#works.size > 0 && !abandon.aborted) {
      await new Promise<void>((resolve) => {
        this.#settledAll = resolve
        abandon.addEventListener('abort', () => resolve(), { once: true })
      })
      this.#settledAll = undefined
    }
    for (const work of this.#works) work.settle('givenBack')
  }
}

/** Goes on at once where it can, later where it must. */
function then<T, R>(value: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then(next) : next(value)
}

/** Where it began: what a handler threw, not where it was wrapped. */
function stackOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  return error.cause instanceof Error ? error.cause.stack : error.stack
}
