import type { Message } from '../contract/alert.ts'
import type { Failure, Outgoing, Placed, Rejection, Sink, Source } from '../contract/sink.ts'

/** Stands in for every DEAD_LETTER of a retry: remembers why, and writes nothing, since the first one is still there. */
export class FailedAgain implements Sink {
  readonly failures = new Map<Message, Failure>()

  async connect(): Promise<void> {}

  place(_: Outgoing, { message, failure }: Source): Placed {
    if (failure !== undefined) this.failures.set(message, failure)
    return { target: '', extraBytes: 0, bytes: 0 }
  }

  async write(): Promise<readonly Rejection[]> {
    return []
  }

  async close(): Promise<void> {}
}
