import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { archiveFields as fields, type ArchiveOptions } from '../avro-archive/fields.ts'
import { Names } from '../avro-archive/names.ts'
import { noticeOf } from '../avro-archive/notice.ts'
import { type Packet, Packets } from '../avro-archive/packets.ts'
import { schemasFrom } from '../codecs/confluent.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import type { Resource } from '../contract/resource.ts'
import type { Outgoing, Placed, Rejection, Sink, SinkNeedsSetup, SinkSetup, Source } from '../contract/sink.ts'
import { withTestid } from '../contract/testid.ts'
import { bucketResource } from '../google/bucket-resource.ts'
import { clusterOf } from '../google/client.ts'
import { isTopicName, type PlacedMessage } from '../google/outgoing.ts'
import { Publisher } from '../google/publisher.ts'
import { topicResource } from '../google/resources.ts'
import { projectOf } from '../google/source.ts'
import { bucketsOf, type OpenedPath, openPaths, pathForTestid } from '../store/open.ts'
import { forEachAtOnce, type Stored } from '../store/store.ts'

/** Writes at the same time, and files of each that are on their way at the same time. */
const LANES = 4
const AT_ONCE = 16

interface AlertPlaced extends Placed {
  readonly value: Uint8Array
  readonly topic: string
  readonly source: Source
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

  static needs(options: ArchiveOptions, { name, baseDir }: SinkNeedsSetup): readonly Resource[] {
    const { PATH, NOTICE_TOPIC, PROJECT, TESTID } = options
    const buckets = bucketsOf(PATH.map((path) => pathForTestid(path, TESTID)))
    if (buckets.length === 0 && NOTICE_TOPIC === undefined) return []
    const asker = { project: projectOf(PROJECT, name), account: { ...options, TOKEN_FILE: undefined }, baseDir }
    const topics = NOTICE_TOPIC === undefined ? [] : [topicResource(withTestid(NOTICE_TOPIC, TESTID), asker)]
    return [...buckets.map((bucket) => bucketResource(bucket, asker)), ...topics]
  }

  readonly #setup: SinkSetup
  readonly #paths: readonly OpenedPath[]
  readonly #names: Names
  readonly #packets: Packets
  readonly #topic: string | undefined
  readonly #publisher: Publisher | undefined
  readonly #mends: boolean
  /** Schemas that the log has heard of. */
  readonly #told = new WeakSet<object>()
  #taken = 0
  #differing = 0

  constructor(options: ArchiveOptions, setup: SinkSetup) {
    const { PATH, FIX_SCHEMA, NOTICE_TOPIC, PROJECT, KEY_FILE, TESTID } = options
    const { name, baseDir } = setup
    this.#setup = setup
    const paths = PATH.map((path) => pathForTestid(path, TESTID))
    this.#paths = openPaths(paths, { KEY_FILE, baseDir, name })
    this.#names = new Names(this.#paths.map(({ template }) => template))
    this.#packets = new Packets(schemasFrom(options, setup), FIX_SCHEMA)
    this.#mends = FIX_SCHEMA
    if (NOTICE_TOPIC === undefined) return
    this.#topic = withTestid(NOTICE_TOPIC, TESTID)
    const keyFile = KEY_FILE === undefined ? undefined : resolve(baseDir, KEY_FILE)
    this.#publisher = new Publisher({ project: projectOf(PROJECT, name), keyFile, place: name })
  }

  async connect(signal: AbortSignal): Promise<void> {
    for (const store of new Set(this.#paths.map(({ store }) => store))) await store.connect(signal)
    await this.#publisher?.connect(this.#topic, signal)
  }

  place(outgoing: Outgoing, source: Source): AlertPlaced {
    const { value } = outgoing
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
      topic: outgoing.topic ?? source.message.topic,
      source,
      stored: false,
      notice: undefined,
      refused: undefined
    }
  }

  async write(batch: readonly AlertPlaced[], signal: AbortSignal): Promise<readonly Rejection[]> {
    signal.throwIfAborted()
    const open = batch.filter(({ stored, refused }) => !stored && refused === undefined)
    await forEachAtOnce(open, AT_ONCE, (one) => this.#storeOrRefuse(one, signal))
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

  async #storeOrRefuse(one: AlertPlaced, signal: AbortSignal): Promise<void> {
    try {
      await this.#store(one, signal)
    } catch (error) {
      if (!(error instanceof AlertStreamsError) || error.code !== 'SINK_REJECTED') throw error
      one.refused = error.message
    }
  }

  async #store(one: AlertPlaced, signal: AbortSignal): Promise<void> {
    const { message, stream } = one.source
    const packet = await this.#packets.packetOf(one.value, signal)
    const { name, template } = this.#names.nameOf({ topic: one.topic, stream, message }, packet)
    const { store } = this.#paths[template]!
    const put = (name: string) => store.put({ name, contents: packet.bytes }, { onlyIfAbsent: true }, signal)
    let [written, stored] = [name, await put(name)]
    if (stored.outcome === 'another there') {
      written = nameOfItsOwn(name, packet.bytes)
      this.#sayDiffering(`${store.place}/${name}`, written)
      stored = await put(written)
      if (stored.outcome === 'another there') throw rejected(`${store.place}/${name} and ${written} are there already`)
    }
    this.#say(packet, `${store.place}/${written}`, stored)
    if (this.#topic !== undefined) {
      one.notice = noticeOf({ place: store.place, name: written, generation: stored.generation }, this.#topic)
    }
    one.stored = true
  }

  #say({ facts }: Packet, file: string, { outcome }: Stored): void {
    const { log } = this.#setup
    if (outcome === 'same there') log.debug({ file }, `${file} is there already`)
    if (this.#told.has(facts)) return
    this.#told.add(facts)
    const schema = [facts.survey ?? 'an unknown survey', facts.version ?? 'without a version'].join(' ')
    const mended = this.#mends ? facts.mended : undefined
    if (mended === undefined) log.debug({ file }, `the schema of ${schema} is kept as it is`)
    else log.info({ file, fields: mended.fields }, `the schema of ${schema} has ${mended.fields} invalid defaults, and is mended`) // biome-ignore format: one line
  }

  /** Once aloud: where names are not unique it may be said of each alert. */
  #sayDiffering(file: string, written: string): void {
    const { log } = this.#setup
    const text = `${file} is there already and has another content: this one is ${written}`
    if (this.#differing++ > 0) log.debug({ file }, text)
    else log.warn({ file }, `${text}. More of these are said at the level debug; {candid} or the like in PATH avoids them.`) // biome-ignore format: one line
  }
}

/** The same for the same content. */
function nameOfItsOwn(name: string, bytes: Uint8Array): string {
  const digest = createHash('md5').update(bytes).digest('hex').slice(0, 12)
  return name.replace(/(\.\w+)?$/, (extension) => `-${digest}${extension}`)
}

function rejected(reason: string): AlertStreamsError {
  return new AlertStreamsError('SINK_REJECTED', reason)
}
