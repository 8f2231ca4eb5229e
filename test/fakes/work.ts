import { codecOf } from '../../src/codecs/usual.ts'
import type { Message } from '../../src/contract/alert.ts'
import type { Failure } from '../../src/contract/sink.ts'
import { Account, type TopicAccount, topicAccount } from '../../src/pipeline/account.ts'
import { StreamAlert } from '../../src/pipeline/alert.ts'
import { Budget, type Share } from '../../src/pipeline/budget.ts'
import { Work, type WorkOwner } from '../../src/pipeline/work.ts'
import { streamSetup } from '../contract/stream-bench.ts'
import { messageOf } from './message.ts'
import { MemorySource, type MemoryStream } from './stream.ts'

/** What a pipeline is to its works: it counts them, and has no dead letters. */
export class MemoryOwner implements WorkOwner {
  readonly account = new Account()
  readonly share: Share = new Budget(1_000_000, 1).share()
  readonly source: MemorySource
  readonly refusals = new Map<Work, Failure>()
  readonly row: TopicAccount
  open = 0
  onSettled: (work: Work) => void = () => {}
  readonly #name: string
  readonly #stream: MemoryStream

  constructor(name = 'stream') {
    this.#name = name
    this.source = new MemorySource()
    this.row = topicAccount(this.account.stream(name), 'alerts')
    this.#stream = this.source.open(streamSetup({ id: name, room: this.share }))
  }

  /** A message that was taken, as a work. */
  take(message: Message = messageOf(this.row.received)): Work {
    this.source.publish(message)
    const [delivery] = this.#stream.take()
    if (delivery === undefined) throw new Error('the budget is full')
    this.row.received++
    this.row.inFlight++
    this.open++
    const alert = new StreamAlert(message, this.#name, codecOf('json'), undefined)
    return new Work(delivery, alert, this.#stream, this, this.row, undefined)
  }

  settled(work: Work): void {
    this.open--
    this.onSettled(work)
  }

  refused(work: Work, failure: Failure): void {
    work.fail('skipped', failure)
    this.refusals.set(work, failure)
  }

  wrote(): void {}

  undeliverable(): void {
    throw new Error('there are no dead letters here')
  }
}
