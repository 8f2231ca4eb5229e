import type { Codec } from '../contract/codec.ts'
import type { StreamConfig } from '../contract/config.ts'
import { actionOf, adviceOf, codeOf, reasonOf } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import type { Route } from '../contract/route.ts'
import type { Failure } from '../contract/sink.ts'
import type { AlertStream, Delivery, StreamEvent, StreamSetup } from '../contract/stream.ts'
import { type Bucket, type StreamAccount, type StreamState, type TopicAccount, topicAccount } from './account.ts'
import { StreamAlert } from './alert.ts'
import type { Share } from './budget.ts'
import { makeRoom } from './earlier-topics.ts'
import { Failures } from './failures.ts'
import { Heartbeats } from './heartbeats.ts'
import { InFlight } from './in-flight.ts'
import { Journal } from './journal.ts'
import { Preparation } from './preparation.ts'
import { backoff, sleep } from './retry.ts'
import { Routes } from './routes.ts'
import { Steps } from './steps.ts'
import type { Surroundings } from './surroundings.ts'
import { Watchdog } from './watchdog.ts'
import { Work, type WorkOwner } from './work.ts'

/** It is opened again at once. */
const STALLED = new Error('the stream stood still')

/** One stream's life: open, read, hand each delivery to the steps of its route, drain, close; again after a loss. */
export class Pipeline implements WorkOwner {
  readonly id: string
  readonly share: Share
  readonly account: StreamAccount
  readonly journal: Journal
  /** Why it failed for good. */
  failure: Error | undefined
  readonly #config: StreamConfig
  readonly #around: Surroundings
  readonly #log: Logger
  readonly #routes: Routes
  readonly #watchdog: Watchdog
  readonly #steps = new Map<Route, Steps>()
  /** Of the routes with a CODEC. */
  readonly #codecs = new Map<Route, Codec>()
  readonly #failures: Failures
  readonly #inFlight = new InFlight()
  readonly #failed = new AbortController()
  readonly #rows = new Map<string, TopicAccount>()
  /** The one that is open. */
  #stream: AlertStream | undefined

  constructor(config: StreamConfig, around: Surroundings) {
    this.id = config.id
    this.share = around.share
    this.account = around.account.stream(config.id)
    this.journal = new Journal(around.clock)
    this.#config = config
    this.#around = around
    this.#log = around.log.child({ stream: config.id })
    this.#watchdog = new Watchdog(this.account, this.#log)
    this.#routes = new Routes(config.routes)
    this.#failures = new Failures(config, around, this.#log, (error) => this.#failForGood(error))
    const preparation = new Preparation(this.account, this.#log, around.shutdown.abandon)
    const common = { failures: this.#failures, preparation, over: this.#failed.signal }
    const bare = { log: this.#log, baseDir: around.baseDir, stateDir: around.stateDir }
    const setup = config.codecSetup?.(bare) ?? bare
    for (const route of config.routes) {
      this.#steps.set(route, new Steps(route, config.id, around, this.#log, common))
      const codec = route.codec?.(setup)
      if (codec !== undefined) this.#codecs.set(route, codec)
    }
  }

  /** Resolves when the stream has ended, was stopped or failed for good, and everything taken is settled. */
  async run(): Promise<void> {
    const stop = AbortSignal.any([this.#around.shutdown.stop, this.#failed.signal])
    for (const [{ key }, steps] of this.#steps) steps.open((reason) => this.#waits(key, reason))
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
    await this.#inFlight.drained(this.#around.shutdown.abandon)
    await Promise.all([...this.#steps.values()].map((steps) => steps.close()))
    this.#state(this.failure ? 'failed' : stop.aborted ? 'stopped' : 'ended', this.failure && reasonOf(this.failure))
  }

  /** Opens the stream and reads it to its end; gives back what ended it early. */
  async #runOnce(stop: AbortSignal): Promise<unknown> {
    let stream: AlertStream | undefined
    try {
      this.#state('connecting')
      stream = this.#config.make(this.#setup())
      await stream.connect(stop)
      this.journal.connects++
      this.#stream = stream
      this.#state('reading')
      const stalled = this.#watchdog.watch(stream)
      for await (const batch of stream.read(AbortSignal.any([stop, stalled]))) {
        const now = this.#around.clock.now()
        for (const delivery of batch) {
          this.journal.came(delivery.message, now)
          const pending = this.#take(delivery, stream)
          if (pending !== undefined) await pending
        }
      }
      this.#state('draining')
      await this.#inFlight.drained(this.#around.shutdown.abandon)
      return stalled.aborted ? STALLED : undefined
    } catch (error) {
      return error ?? new Error('unknown error')
    } finally {
      this.#watchdog.rest()
      this.#stream = undefined
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

  /** The handler of a route says why its alerts wait. */
  #waits(route: string, reason: string | undefined): void {
    const { handlers } = this.account
    if (reason === undefined) delete handlers[route]
    else handlers[route] = reason
  }

  #state(state: StreamState, reason?: string): void {
    if (state === 'waiting' && this.account.state !== 'waiting') this.journal.waits++
    this.account.state = state
    this.account.reason = reason
  }

  #take(delivery: Delivery, stream: AlertStream): void | Promise<void> {
    const { message } = delivery
    this.account.firstMessage ??= new Date()
    let row = this.#rows.get(message.topic)
    if (row === undefined) {
      if (makeRoom(this.account)) this.#rows.clear()
      row = topicAccount(this.account, message.topic)
      this.#rows.set(message.topic, row)
    }
    row.received++
    row.inFlight++
    const route = this.#routes.find(message.topic)
    const alert = new StreamAlert(message, this.id, (route && this.#codecs.get(route)) ?? stream.codec, route?.fields)
    const work = new Work(delivery, alert, stream, this, row, route)
    this.#inFlight.add(work)
    if (stream.ignores?.(message)) return work.settle('skipped')
    if (route !== undefined) return this.#steps.get(route)!.enter(work)
    const reason = `no key of TOPIC_HANDLERS matches the topic ${message.topic}`
    return this.#failures.fail(work, { code: 'NO_ROUTE', reason, stack: undefined, attempts: 1 })
  }

  /** See `AlertStream.backlog`. */
  async backlog(): Promise<number | undefined> {
    // One that can never tell has no reason for its silence either.
    if (this.#stream?.backlog === undefined) return undefined
    const backlog = await this.#stream.backlog()
    // A source may say that only once, to whoever asks first.
    if (backlog === undefined) this.#watchdog.excuse()
    return backlog
  }

  settled(work: Work, bucket: Bucket): void {
    this.journal.settled(work, bucket)
    this.#inFlight.delete(work)
  }

  wrote(sink: string): void {
    this.journal.wrote(sink)
  }

  refused(work: Work, failure: Failure): void {
    this.#failures.fail(work, failure)
  }

  undeliverable(work: Work, reason: string): void {
    this.#failures.keepRefused(work, reason)
  }

  #failForGood(error: unknown): void {
    if (this.failure !== undefined) return
    this.failure = error instanceof Error ? error : new Error(String(error))
    this.#log.error(
      { code: codeOf(error, 'ALERT_FAILED'), stack: this.failure.stack },
      `stream failed: ${adviceOf(error)}`
    )
    this.#state('failed', reasonOf(error))
    this.#failed.abort()
  }
}
