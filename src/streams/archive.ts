import { setTimeout as delay } from 'node:timers/promises'
import { resolve } from 'node:path'
import { type ArchiveFile, listFiles } from '../archive/files.ts'
import { messagesIn } from '../archive/messages.ts'
import { makeCodec } from '../codecs/option.ts'
import type { Codec } from '../contract/codec.ts'
import type { Message } from '../contract/alert.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import { type Field, number, type OptionsOf, path, text } from '../contract/options.ts'
import type { AlertStream, Delivery, StreamSetup } from '../contract/stream.ts'
import { bestKey } from '../contract/topics.ts'

const rate = number('The most messages a second; left out, as fast as they are handled.')

const fields = {
  PATH: path(
    'A folder, a file or a glob. .ndjson and .jsonl hold a message a line (what FileSink writes), .avro, .json, .xml and .bin are one message each.',
    { required: true }
  ),
  TOPIC: text('The topic of messages whose file does not say; default: the name of the folder that the file lies in.'),
  RATE: {
    ...rate,
    read: (value) => (Number(value) > 0 ? rate.read(value) : { problem: 'expected a number above 0' })
  } satisfies Field<number | undefined>
}

/** What is handed out at once, at most. */
const MOST_MESSAGES = 100
const MOST_BYTES = 1_000_000

/**
 * Replays files in the order of their names, and ends. It remembers nothing: each run starts at the beginning. Messages
 * of topics that no key of TOPIC_HANDLERS takes are passed over.
 */
export class ArchiveAlertStream implements AlertStream {
  static readonly doc = 'Replays alerts from files, then ends.'
  static readonly fields = fields

  readonly codec: Codec
  readonly #options: OptionsOf<typeof fields>
  readonly #setup: StreamSetup
  readonly #path: string
  #files: readonly ArchiveFile[] = []
  #lastAck: Date | undefined

  constructor(options: OptionsOf<typeof fields>, setup: StreamSetup) {
    this.#options = options
    this.#setup = setup
    this.codec = makeCodec('auto', setup)
    this.#path = resolve(setup.baseDir, options.PATH)
  }

  async connect(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    this.#files = await listFiles(this.#path)
    if (this.#files.length > 0) return
    throw new AlertStreamsError('CONFIG_INVALID', `no alerts at ${this.#path}`, {
      remedy: 'Check PATH: a folder with .avro, .json, .ndjson or .jsonl files in it, one file, or a glob.'
    })
  }

  async *read(signal: AbortSignal): AsyncGenerator<readonly Delivery[]> {
    const { room } = this.#setup
    const start = Date.now()
    let batch: Delivery[] = []
    let size = 0
    let count = 0
    const flush = () => {
      const full = batch
      batch = []
      size = 0
      return full
    }
    for await (const message of this.#messages()) {
      const wait = this.#due(start, count++) - Date.now()
      const full = batch.length >= MOST_MESSAGES || size + message.size > MOST_BYTES
      if (batch.length > 0 && (full || wait > 0)) yield flush()
      if (wait > 0) await delay(wait, undefined, { signal }).catch(() => {})
      while (!signal.aborted && !room.admit(message.size)) {
        if (batch.length > 0) yield flush()
        await room.wait(signal)
      }
      if (signal.aborted) break
      batch.push(this.#delivery(message))
      size += message.size
    }
    if (batch.length > 0) yield batch
  }

  held(): undefined {}

  async close(): Promise<void> {
    if (this.#lastAck) this.#setup.note({ kind: 'committed', at: this.#lastAck })
    this.#lastAck = undefined
  }

  async *#messages(): AsyncGenerator<Message> {
    const { topics, log } = this.#setup
    const taken = new Map<string, boolean>()
    const passedOver = new Map<string, number>()
    for (const file of this.#files) {
      for await (const message of messagesIn(file, this.#options.TOPIC ?? file.folder, log)) {
        const { topic } = message
        if (!taken.has(topic)) taken.set(topic, bestKey(topic, topics) !== undefined)
        if (taken.get(topic)) yield message
        else passedOver.set(topic, (passedOver.get(topic) ?? 0) + 1)
      }
    }
    for (const [topic, messages] of passedOver) {
      log.warn({ topic, messages }, `passed over ${messages} messages of ${topic}: no key of TOPIC_HANDLERS takes it`)
    }
  }

  /** When a message may be handed out, milliseconds since the epoch. */
  #due(start: number, count: number): number {
    return this.#options.RATE === undefined ? start : start + (count * 1000) / this.#options.RATE
  }

  #delivery(message: Message): Delivery {
    return {
      message,
      partition: message.topic,
      stale: false,
      ack: () => {
        this.#lastAck = new Date()
      },
      nack: () => {}
    }
  }
}
