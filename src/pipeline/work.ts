import type { Claim } from '../contract/dedupe.ts'
import type { Route } from '../contract/route.ts'
import type { Failure, Outgoing, Source } from '../contract/sink.ts'
import type { AlertStream, Delivery } from '../contract/stream.ts'
import type { Bucket, TopicAccount } from './account.ts'
import type { StreamAlert } from './alert.ts'
import type { Share } from './budget.ts'

/** Whoever looks after a work: told when it is settled, and when a part of it was refused. */
export interface WorkOwner {
  readonly share: Share
  settled(work: Work, bucket: Bucket): void
  /** A sink has taken one outgoing message of a work, or its dead letter. */
  wrote(sink: string): void
  refused(work: Work, failure: Failure): void
  /** Its dead letter can never be taken: it is kept in a file, and if that fails too the stream ends. */
  undeliverable(work: Work, reason: string): void
}

/**
 * One delivery on its way through, from being taken to its acknowledgement. It is acknowledged when its last outgoing
 * message has been written; nothing else acknowledges.
 */
export class Work implements Source {
  readonly delivery: Delivery
  readonly alert: StreamAlert
  readonly origin: AlertStream
  readonly owner: WorkOwner
  readonly row: TopicAccount
  readonly matched: Route | undefined
  /** Why it is a dead letter, or was skipped. */
  failed: Failure | undefined
  settled = false
  /** What its route's DEDUPE must be told: it is the only one with its key on the way. */
  claim: Claim | undefined
  #bucket: Bucket = 'delivered'
  #outstanding = 0
  #charged: number

  constructor(
    delivery: Delivery,
    alert: StreamAlert,
    origin: AlertStream,
    owner: WorkOwner,
    row: TopicAccount,
    matched: Route | undefined
  ) {
    this.delivery = delivery
    this.alert = alert
    this.origin = origin
    this.owner = owner
    this.row = row
    this.matched = matched
    this.#charged = delivery.message.size
  }

  get message() {
    return this.delivery.message
  }
  get stream() {
    return this.alert.stream
  }
  get partition() {
    return this.delivery.partition
  }
  get route() {
    return this.matched?.key
  }
  payload() {
    return this.alert.payload()
  }

  /** Itself as a dead letter. */
  get deadLetter(): Source {
    const { message, stream, partition, route, alert } = this
    return { message, stream, partition, route, payload: () => alert.payload(), failure: this.failed! }
  }

  /** Bytes that outgoing copies hold beyond the message's own. */
  charge(bytes: number): void {
    // It may have been given back while its codec was fetching.
    if (bytes <= 0 || this.settled) return
    this.#charged += bytes
    this.owner.share.charge(bytes)
  }

  /** So many outgoing messages must be written before this is done. */
  expect(count: number): void {
    this.#outstanding += count
  }

  /** One outgoing message is safe. */
  written(): void {
    if (--this.#outstanding > 0) return
    if (this.#bucket === 'delivered') this.complete('delivered')
    else this.settle(this.#bucket)
  }

  /** All is done that was to be done: recorded first where the route has DEDUPE, then acknowledged. */
  complete(bucket: 'delivered' | 'handled'): void {
    if (this.claim === undefined) this.settle(bucket)
    else this.claim.record(() => this.settle(bucket))
  }

  /** One outgoing message can never be taken: the alert becomes a dead letter, once. */
  rejected(failure: Failure): void {
    if (this.settled) return
    if (this.failed === undefined) this.owner.refused(this, failure)
    this.written()
  }

  /** Its dead letter can never be taken either. */
  deadLetterRejected(reason: string): void {
    if (this.settled) return
    this.owner.undeliverable(this, reason)
    this.written()
  }

  /** From here on it counts as a dead letter, or as skipped; `written` for the dead letter ends it. */
  fail(bucket: 'deadLettered' | 'skipped', failure: Failure): void {
    this.#bucket = bucket
    this.failed = failure
  }

  settle(bucket: Bucket): void {
    if (this.settled) return
    this.settled = true
    if (bucket === 'givenBack') this.delivery.nack()
    else this.delivery.ack()
    this.row.inFlight--
    this.row[bucket]++
    this.owner.share.release(this.#charged)
    this.claim?.release()
    this.owner.settled(this, bucket)
  }
}

/** The alert as it came: bytes and headers; its key is decided later. */
export function republished(alert: StreamAlert): Outgoing {
  return { value: alert.message.bytes, headers: alert.message.headers }
}
