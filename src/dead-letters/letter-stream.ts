import type { Message } from '../contract/alert.ts'
import type { Codec } from '../contract/codec.ts'
import type { AlertStream, Delivery, StreamSetup } from '../contract/stream.ts'
import type { OpenLetter } from './open-letter.ts'

/** What became of a dead letter that was handed out: everything is done, or nothing is. */
export type Settle = (open: OpenLetter, message: Message, done: boolean) => void

/** Dead letters as a stream: each comes as the message that it was, in the place of its own stream. */
export class LetterStream implements AlertStream {
  /** Of the stream that had read them. */
  readonly codec: Codec
  readonly #letters: () => AsyncIterable<OpenLetter>
  readonly #room: StreamSetup['room']
  readonly #settle: Settle

  constructor(codec: Codec, letters: () => AsyncIterable<OpenLetter>, room: StreamSetup['room'], settle: Settle) {
    this.codec = codec
    this.#letters = letters
    this.#room = room
    this.#settle = settle
  }

  async connect(): Promise<void> {}

  async *read(signal: AbortSignal): AsyncGenerator<readonly Delivery[]> {
    for await (const open of this.#letters()) {
      while (!signal.aborted && !this.#room.admit(open.letter.message.size)) await this.#room.wait(signal)
      if (signal.aborted) return
      yield [this.#delivery(open)]
    }
  }

  held(): undefined {}

  async close(): Promise<void> {}

  #delivery(open: OpenLetter): Delivery {
    const { message } = open.letter
    return {
      message,
      partition: message.partition === undefined ? message.topic : `${message.topic}/${message.partition}`,
      stale: false,
      ack: () => this.#settle(open, message, true),
      nack: () => this.#settle(open, message, false)
    }
  }
}
