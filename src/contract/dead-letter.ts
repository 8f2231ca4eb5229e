import type { Message } from './alert.ts'

/** A dead letter, read back from where it was written. */
export interface DeadLetter {
  /** Where it lies, for people: `3` or `night.ndjson:3` is a line, `0:15` a partition and an offset. */
  readonly number: string
  /** Names it within its sink for ever, also when its file was given another name. */
  readonly id: string
  /** The message as the stream read it; its `id` too. */
  readonly message: Message
  /** The ID of the stream. */
  readonly stream: string | undefined
  /** The route's key in TOPIC_HANDLERS; undefined where no route took the topic. */
  readonly route: string | undefined
  /** As in `Failure`; what did not fit beside the message is undefined. */
  readonly code: string
  readonly reason: string | undefined
  readonly stack: string | undefined
  readonly attempts: number | undefined
}
