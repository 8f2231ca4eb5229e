import type { KafkaMessage as RawMessage } from 'kafkajs'
import type { Delivery, Room } from '../contract/stream.ts'
import { KafkaMessage } from './message.ts'
import type { Tracker } from './offsets.ts'
import type { TopicNames } from './topic-names.ts'

/** The most unsettled offsets of one partition; beyond that it waits. */
export const MOST_UNSETTLED = 10_000
/** The most deliveries handed out at once. */
const MOST_AT_ONCE = 500

/** What became of an offer: all of it taken; or what is left has to be fetched again, later where a partition is full. */
export type Taken = 'all' | 'dropped' | 'full'

/** One fetched batch of one partition, offered by kafkajs and taken by us message by message. */
class Offer {
  readonly tracker: Tracker
  readonly messages: readonly RawMessage[]
  /** The offset after the batch, control records included. */
  readonly end: number
  readonly taken: Promise<Taken>
  index = 0
  over = false
  #resolve!: (how: Taken) => void

  constructor(tracker: Tracker, messages: readonly RawMessage[], end: number) {
    this.tracker = tracker
    this.messages = messages
    this.end = end
    this.taken = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  finish(how: Taken): void {
    this.over = true
    this.#resolve(how)
  }
}

/** From kafkajs pushing to our pulling. An offset enters its tracker when it is taken, not when it is offered. */
export class Channel {
  readonly #acked: () => void
  readonly #names: TopicNames
  #offers: Offer[] = []
  #closed = false
  #arrived: () => void = () => {}
  #arrival: Promise<void> = Promise.resolve()

  constructor(acked: () => void, names: TopicNames) {
    this.#acked = acked
    this.#names = names
    this.#expectArrival()
  }

  /** Resolves when nothing more of it will be taken. */
  offer(tracker: Tracker, messages: readonly RawMessage[], end: number): Promise<Taken> {
    const offer = new Offer(tracker, messages, end)
    if (this.#closed) offer.finish('dropped')
    else {
      this.#offers.push(offer)
      this.wake()
    }
    return offer.taken
  }

  /** What can be taken now: as much as the room admits and the partitions allow. */
  take(room: Room): Delivery[] {
    const deliveries: Delivery[] = []
    for (const offer of this.#offers) {
      this.#takeFrom(offer, room, deliveries)
      if (deliveries.length >= MOST_AT_ONCE) break
    }
    this.#offers = this.#offers.filter(({ over }) => !over)
    return deliveries
  }

  #takeFrom(offer: Offer, room: Room, deliveries: Delivery[]): void {
    const { tracker, messages } = offer
    for (; offer.index < messages.length; offer.index++) {
      const raw = messages[offer.index]!
      const offset = Number(raw.offset)
      if (offset < tracker.next) continue
      if (deliveries.length >= MOST_AT_ONCE) return
      if (tracker.unsettled >= MOST_UNSETTLED) return offer.finish('full')
      const message = new KafkaMessage(this.#names.ours(tracker.topic), tracker.partition, raw)
      if (!room.admit(message.size)) return
      deliveries.push(new KafkaDelivery(message, tracker, tracker.take(offset), this.#acked))
    }
    tracker.skipTo(offer.end)
    offer.finish('all')
  }

  /** Resolves when something new was offered. */
  arrival(): Promise<void> {
    return this.#arrival
  }

  /** Lets go of everything that was not taken: it must be fetched again. */
  drop(): void {
    for (const offer of this.#offers) offer.finish('dropped')
    this.#offers = []
  }

  /** Makes whoever waits look again. */
  wake(): void {
    this.#arrived()
    this.#expectArrival()
  }

  close(): void {
    this.#closed = true
    this.drop()
    this.wake()
  }

  #expectArrival(): void {
    this.#arrival = new Promise((resolve) => {
      this.#arrived = resolve
    })
  }
}

class KafkaDelivery implements Delivery {
  readonly message: KafkaMessage
  readonly #tracker: Tracker
  readonly #slot: number
  readonly #acked: () => void

  constructor(message: KafkaMessage, tracker: Tracker, slot: number, acked: () => void) {
    this.message = message
    this.#tracker = tracker
    this.#slot = slot
    this.#acked = acked
  }

  get partition(): string {
    return this.#tracker.lane
  }
  get stale(): boolean {
    return this.#tracker.lost
  }
  ack(): void {
    this.#tracker.done(this.#slot)
    this.#acked()
  }
  /** Its offset stays before everything that could be committed. */
  nack(): void {}
}
