import { resolve } from 'node:path'
import { archiveFields as fields, type ArchiveOptions } from '../avro-archive/fields.ts'
import type { Named } from '../avro-archive/names.ts'
import { noticeOf } from '../avro-archive/notice.ts'
import { ArchiveWriter } from '../avro-archive/writer.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import type { Resource } from '../contract/resource.ts'
import type { Outgoing, Placed, Rejection, Sink, SinkNeedsSetup, SinkSetup, Source } from '../contract/sink.ts'
import { withTestid } from '../contract/testid.ts'
import { clusterOf } from '../google/client.ts'
import { isTopicName, type PlacedMessage } from '../google/outgoing.ts'
import { Publisher } from '../google/publisher.ts'
import { topicResource } from '../google/resources.ts'
import { projectOf } from '../google/source.ts'
import { bucketsFor } from '../store/needs.ts'
import { forEachAtOnce } from '../store/store.ts'

/** Writes at the same time, and files of each that are on their way at the same time. */
const LANES = 4
const AT_ONCE = 16

interface AlertPlaced extends Placed {
  readonly value: Uint8Array
  readonly named: Named
  /** Its file is safe: a write that is repeated passes over it. */
  stored: boolean
  /** What tells of it, once it is. */
  notice: PlacedMessage | undefined
  refused: string | undefined
}

/** Alerts as Avro files. What `write` has resolved is on disk or in the bucket, and a notice of it with Pub/Sub. */
export class AvroArchiveSink implements Sink<AlertPlaced> {
  static readonly doc =
    'Keeps each alert as an Avro container file of its own, in a folder or a bucket of Google Cloud Storage, and tells a ' +
    'Pub/Sub topic. A file is written once: a second copy of an alert changes nothing, and another alert under the same ' +
    'name gets a name of its own. What is no Avro is refused, dead letters too.'
  static readonly fields = fields

  static writes({ NOTICE_TOPIC: topic, PROJECT }: ArchiveOptions) {
    if (topic === undefined) return undefined
    if (isTopicName(topic)) return { cluster: clusterOf(projectOf(PROJECT, 'PROJECT')), topic }
    throw new AlertStreamsError('CONFIG_INVALID', `NOTICE_TOPIC: "${topic}" is no name for a Pub/Sub topic`, {
      remedy: 'A name has 3 to 255 letters, digits and -._~+%, begins with a letter, and not with goog.'
    })
  }

  static needs(options: ArchiveOptions, setup: SinkNeedsSetup): readonly Resource[] {
    const { PATH, NOTICE_TOPIC: topic, PROJECT, KEY_FILE, TESTID } = options
    const buckets = bucketsFor(PATH, options, setup)
    if (topic === undefined) return buckets
    const account = { KEY_FILE, TOKEN_FILE: undefined }
    const asker = { project: projectOf(PROJECT, setup.name), account, baseDir: setup.baseDir }
    return [...buckets, topicResource(withTestid(topic, TESTID), asker)]
  }

  readonly #writer: ArchiveWriter
  readonly #topic: string | undefined
  readonly #publisher: Publisher | undefined
  #taken = 0

  constructor(options: ArchiveOptions, setup: SinkSetup) {
    this.#writer = new ArchiveWriter(options, setup)
    const { NOTICE_TOPIC, PROJECT, KEY_FILE, TESTID } = options
    if (NOTICE_TOPIC === undefined) return
    this.#topic = withTestid(NOTICE_TOPIC, TESTID)
    const keyFile = KEY_FILE === undefined ? undefined : resolve(setup.baseDir, KEY_FILE)
    this.#publisher = new Publisher({ project: projectOf(PROJECT, setup.name), keyFile, place: setup.name })
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.#writer.connect(signal)
    await this.#publisher?.connect(this.#topic, signal)
  }

  place(outgoing: Outgoing, source: Source): AlertPlaced {
    const { value } = outgoing
    const { message, stream } = source
    if (source.failure) throw rejected('an archive takes alerts, no dead letters. Name a FileSink as DEAD_LETTER.')
    if (!(value instanceof Uint8Array)) {
      throw rejected('what a handler returns is archived if it is the alert, or the bytes of an Avro container')
    }
    return {
      target: `lane ${this.#taken++ % LANES}`,
      bytes: value.length,
      // Mended, it is there twice while it is written.
      extraBytes: value.length,
      value,
      named: { topic: outgoing.topic ?? message.topic, stream, message },
      stored: false,
      notice: undefined,
      refused: undefined
    }
  }

  async write(batch: readonly AlertPlaced[], signal: AbortSignal): Promise<readonly Rejection[]> {
    signal.throwIfAborted()
    const open = batch.filter(({ stored, refused }) => !stored && refused === undefined)
    await forEachAtOnce(open, AT_ONCE, (one) => this.#store(one, signal))
    const notices = batch.flatMap(({ notice }) => notice ?? [])
    if (notices.length > 0) await this.#publisher?.publish(this.#topic!, notices, signal)
    return batch.flatMap(({ refused, notice }, index) => {
      const reason = refused ?? notice?.refused
      return reason === undefined ? [] : [{ index, code: 'SINK_REJECTED', reason }]
    })
  }

  async close(): Promise<void> {
    await this.#publisher?.close()
  }

  async #store(one: AlertPlaced, signal: AbortSignal): Promise<void> {
    try {
      const file = await this.#writer.write(one.value, one.named, signal)
      one.stored = true
      if (this.#topic !== undefined) one.notice = noticeOf(file, this.#topic)
    } catch (error) {
      if (!(error instanceof AlertStreamsError) || error.code !== 'SINK_REJECTED') throw error
      one.refused = error.message
    }
  }
}

function rejected(reason: string): AlertStreamsError {
  return new AlertStreamsError('SINK_REJECTED', reason)
}
