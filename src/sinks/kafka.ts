import { codec, makeCodec } from '../codecs/option.ts'
import type { Codec, Encoded } from '../contract/codec.ts'
import type { DeadLetter } from '../contract/dead-letter.ts'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import { choice, type OptionsOf, text } from '../contract/options.ts'
import type { Resource } from '../contract/resource.ts'
import type { Outgoing, Rejection, Sink, SinkNeedsSetup, SinkSetup, Source } from '../contract/sink.ts'
import { testid, withTestid } from '../contract/testid.ts'
import { checkCredentials, clusterName, connectionFields, createKafka, credentialsOf, userOf } from '../kafka/client.ts'
import type { PlacedRecord } from '../kafka/cut.ts'
import { readDeadLetters } from '../kafka/dead-letters.ts'
import { targetError } from '../kafka/errors.ts'
import { offloadEndpoint } from '../kafka/offload-endpoint.ts'
import { checkTopic, placeRecord } from '../kafka/record.ts'
import { type Compression, compressions, Writer } from '../kafka/writer.ts'
import { kafkaTopicResource } from '../kafka/topic-resource.ts'
import { LargeMessages, offloadOption } from './offload.ts'
import { isFixed, topicFor, topicsFor } from './topic-template.ts'

const fields = {
  ...connectionFields,
  TESTID: testid('for a test run, set by `--testid`: it writes to topics whose names end in -TESTID'),
  TOPIC: text('the topic, or a template of {topic} and {stream}; a handler may name another', { required: true }),
  KEY: text("a CEL expression: the key, where neither handler nor route gives one; left out: the message's own"),
  CODEC: codec(
    'how values that are not bytes are written: a name, or a map of `NAME` and its options; left out: as JSON'
  ),
  OFFLOAD: offloadOption(
    'stores messages too large for their topic at a service as Hopskotch has one, and writes a placeholder: the address ' +
      'of the service, or true to ask the broker for it',
    { fallback: false }
  ),
  COMPRESSION: choice('of record batches', Object.keys(compressions) as Compression[], { fallback: 'none' })
}

/** Messages to Kafka topics, written by all in-sync replicas before they count as safe. */
export class KafkaSink implements Sink<PlacedRecord> {
  static readonly doc = 'Writes to topics of a Kafka cluster (Hopskotch too), with the idempotent producer.'
  static readonly fields = fields

  static writes(options: OptionsOf<typeof fields>) {
    checkCredentials(options)
    return { cluster: clusterName(options), topic: withTestid(options.TOPIC, options.TESTID) }
  }

  static needs(options: OptionsOf<typeof fields>, { baseDir, feeds }: SinkNeedsSetup): readonly Resource[] {
    const topics = topicsFor(options.TOPIC, feeds)
    return topics.map((topic) => kafkaTopicResource(withTestid(topic, options.TESTID), options, baseDir))
  }

  readonly #options: OptionsOf<typeof fields>
  readonly #setup: SinkSetup
  /** Undefined: the topics follow from a template. */
  readonly #topic: string | undefined
  readonly #codec: Codec
  #writer: Writer | undefined

  constructor(options: OptionsOf<typeof fields>, setup: SinkSetup) {
    this.#options = options
    this.#setup = setup
    this.#codec = options.CODEC?.({ ...setup, ...credentialsOf(options) }) ?? makeCodec('json', setup)
    this.#topic = isFixed(options.TOPIC) ? withTestid(options.TOPIC, options.TESTID) : undefined
  }

  async connect(signal: AbortSignal): Promise<void> {
    const connected = async () => {
      this.#writer ??= await this.#open()
      await this.#writer.connect(this.#topic)
    }
    await unlessAborted(connected, signal, this.#setup.name)
  }

  place(outgoing: Outgoing, source: Source): PlacedRecord {
    return placeRecord(outgoing, source, this.#topicOf(outgoing, source), (value) => encode(value, this.#codec))
  }

  #topicOf({ topic }: Outgoing, { message, stream }: Source): string {
    if (this.#topic !== undefined && !topic) return this.#topic
    const { TOPIC, TESTID } = this.#options
    return checkTopic(withTestid(topic ?? topicFor(TOPIC, { topic: message.topic, stream }), TESTID))
  }

  write(batch: readonly PlacedRecord[], signal: AbortSignal): Promise<readonly Rejection[]> {
    return unlessAborted(() => this.#writer!.write(batch[0]!.target, batch, signal), signal, this.#setup.name)
  }

  async *deadLetters(): AsyncGenerator<DeadLetter> {
    const { TOPIC, TESTID, URL } = this.#options
    const { log, baseDir } = this.#setup
    const kafka = await createKafka(this.#options, log, baseDir, { retry: { retries: 3, initialRetryTime: 200 } })
    // Brokers like Hopskotch's let a user join only groups that begin with his name.
    const groupPrefix = `${userOf(this.#options) ?? 'alertstreams'}-dlq`
    yield* readDeadLetters(kafka, { template: withTestid(TOPIC, TESTID), groupPrefix, where: URL.hosts.join(',') })
  }

  async close(): Promise<void> {
    await this.#writer?.close()
  }

  async #open(): Promise<Writer> {
    const { log, baseDir } = this.#setup
    const where = this.#options.URL.hosts.join(',')
    const retry = { retries: 3, initialRetryTime: 200, maxRetryTime: 1000 }
    try {
      const kafka = await createKafka(this.#options, log, baseDir, { retry })
      return new Writer(kafka, where, this.#options.COMPRESSION, this.#largeMessages(where))
    } catch (error) {
      throw targetError(error, where)
    }
  }

  #largeMessages(where: string): LargeMessages | undefined {
    const { OFFLOAD: offload } = this.#options
    if (offload === false) return undefined
    const { log, baseDir } = this.#setup
    const connect = () => createKafka(this.#options, log, baseDir, { retry: { retries: 3, initialRetryTime: 200 } })
    const groupPrefix = `${userOf(this.#options) ?? 'alertstreams'}-metadata`
    const discovered = offloadEndpoint({ connect, groupPrefix, where, log })
    const endpoint = async () => (typeof offload === 'string' ? offload : trusted(await discovered()))
    return new LargeMessages(endpoint, credentialsOf(this.#options).credentials)
  }
}

/** What a broker names is used with TLS only. */
function trusted(endpoint: string | undefined): string | undefined {
  return endpoint?.startsWith('https:') ? endpoint : undefined
}

function encode(value: unknown, codec: Codec): Encoded {
  try {
    return codec.encode(value)
  } catch (error) {
    throw new AlertStreamsError('SINK_REJECTED', reasonOf(error), { cause: error })
  }
}

/** Whoever gives up does not wait for the broker's answer. */
async function unlessAborted<T>(action: () => Promise<T>, signal: AbortSignal, name: string): Promise<T> {
  const stopped = () => new AlertStreamsError('SINK_UNAVAILABLE', `sink ${name}: stopped while waiting`)
  if (signal.aborted) throw stopped()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const stop = () => reject(stopped())
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([action(), aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
