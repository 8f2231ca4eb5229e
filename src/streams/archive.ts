import { resolve } from 'node:path'
import type { ArchiveReading } from '../archive/content.ts'
import { archiveFields, type ArchiveOptions, checkTogether } from '../archive/fields.ts'
import { type ArchiveFile, listFiles } from '../archive/files.ts'
import { messagesIn } from '../archive/messages.ts'
import { type Clock, Pace, realClock } from '../archive/pace.ts'
import { within } from '../archive/span.ts'
import { storedFiles } from '../archive/stored-files.ts'
import { makeCodec } from '../codecs/option.ts'
import type { Message } from '../contract/alert.ts'
import type { Codec } from '../contract/codec.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import type { AlertStream, Delivery, StreamSetup } from '../contract/stream.ts'
import { bestKey } from '../contract/topics.ts'
import { storagePlace } from '../google/storage.ts'

/** What is handed out at once, at most. */
const MOST_MESSAGES = 100
const MOST_BYTES = 1_000_000

/**
 * Replays files in the order of their names, and ends. It remembers nothing: each run starts at the beginning. Messages
 * of topics that no key of TOPIC_HANDLERS takes are passed over. When something could not be read, the stream fails, after
 * all the rest was read and settled.
 */
export class ArchiveAlertStream implements AlertStream {
  static readonly doc = 'Replays alerts from files, then ends.'
  static readonly fields = archiveFields

  static reads(options: ArchiveOptions): undefined {
    checkTogether(options)
  }

  readonly codec: Codec
  readonly #options: ArchiveOptions
  readonly #setup: StreamSetup
  readonly #clock: Clock
  #files: readonly ArchiveFile[] = []
  readonly #damages: string[] = []
  #lastAck: Date | undefined
  #open = 0
  #settled = Promise.withResolvers<void>()

  constructor(options: ArchiveOptions, setup: StreamSetup, clock = realClock) {
    this.#options = options
    this.#setup = setup
    this.#clock = clock
    this.codec = makeCodec('auto', setup)
  }

  async connect(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { PATH } = this.#options
    const local = PATH.filter((path) => storagePlace(path) === undefined)
    const paths = local.map((path) => resolve(this.#setup.baseDir, path))
    const places = PATH.map(storagePlace).filter((place) => place !== undefined)
    const stored = places.length === 0 ? [] : await storedFiles(places, this.#options, this.#setup, signal)
    this.#files = [...(await listFiles(paths)), ...stored]
    if (this.#files.length > 0) return
    throw new AlertStreamsError(
      'CONFIG_INVALID',
      `no alerts at ${[...paths, ...PATH.filter(storagePlace)].join(', ')}`,
      {
        remedy: 'Check PATH: a folder with .avro, .json, .ndjson, .jsonl or .tar files in it, one file, or a glob.'
      }
    )
  }

  async *read(signal: AbortSignal): AsyncGenerator<readonly Delivery[]> {
    const { room } = this.#setup
    const pace = new Pace(this.#options.SPEED, this.#options.RATE, this.#clock)
    let batch: Delivery[] = []
    let size = 0
    const flush = () => {
      const full = batch
      batch = []
      size = 0
      return full
    }
    for await (const message of this.#wanted(signal)) {
      const wait = pace.next(message.publishedAt) - this.#clock.now()
      const full = batch.length >= MOST_MESSAGES || size + message.size > MOST_BYTES
      if (batch.length > 0 && (full || wait > 0)) yield flush()
      if (wait > 0) await this.#clock.wait(wait, signal)
      while (!signal.aborted && !room.admit(message.size)) {
        if (batch.length > 0) yield flush()
        await room.wait(signal)
      }
      if (signal.aborted) break
      batch.push(this.#delivery(message))
      size += message.size
    }
    if (batch.length > 0) yield batch
    if (this.#damages.length > 0 && !signal.aborted) await this.#failWhenSettled(signal)
  }

  held(): undefined {}

  async close(): Promise<void> {
    if (this.#lastAck) this.#setup.note({ kind: 'committed', at: this.#lastAck })
    this.#lastAck = undefined
  }

  /** Ends early, and without an error, when the signal aborts. */
  async *#wanted(signal: AbortSignal): AsyncGenerator<Message> {
    try {
      yield* this.#messages(signal)
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  async *#messages(signal: AbortSignal): AsyncGenerator<Message> {
    const { topics, log } = this.#setup
    const reading = this.#reading(signal)
    const taken = new Map<string, boolean>()
    const passedOver = new Map<string, number>()
    for (const file of this.#files) {
      for await (const message of messagesIn(file, reading)) {
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

  #reading(signal: AbortSignal): ArchiveReading {
    const { TOPIC, SINCE, UNTIL, RECORDS_APART } = this.#options
    const { log } = this.#setup
    return {
      topic: TOPIC,
      apart: RECORDS_APART,
      wants: within(SINCE, UNTIL, this.#clock.now()),
      damaged: (text) => {
        this.#damages.push(text)
        log.error(text)
      },
      log,
      signal
    }
  }

  #delivery(message: Message): Delivery {
    this.#open++
    const settled = () => {
      if (--this.#open === 0) this.#settled.resolve()
    }
    return {
      message,
      partition: message.topic,
      stale: false,
      ack: () => {
        this.#lastAck = new Date()
        settled()
      },
      nack: settled
    }
  }

  /** What is in flight must not be given back for it. */
  async #failWhenSettled(signal: AbortSignal): Promise<void> {
    while (this.#open > 0 && !signal.aborted) {
      this.#settled = Promise.withResolvers()
      const stop = () => this.#settled.resolve()
      signal.addEventListener('abort', stop, { once: true })
      await this.#settled.promise
      signal.removeEventListener('abort', stop)
    }
    const [first, ...more] = this.#damages
    const others = more.length === 0 ? '' : `, and ${more.length} more like it (see the log)`
    throw new AlertStreamsError('ARCHIVE_DAMAGED', `not all of the archive could be read: ${first}${others}`, {
      remedy: 'All the rest was read. Fetch these files again, and replay them alone.'
    })
  }
}
