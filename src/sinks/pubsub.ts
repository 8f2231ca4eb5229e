import { resolve } from 'node:path'
import { codec, makeCodec } from '../codecs/option.ts'
import type { Codec, Encoded } from '../contract/codec.ts'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import { flag, type OptionsOf, path, text } from '../contract/options.ts'
import type { Resource } from '../contract/resource.ts'
import type { Outgoing, Rejection, Sink, SinkNeedsSetup, SinkSetup, Source } from '../contract/sink.ts'
import { testid, withTestid } from '../contract/testid.ts'
import { isFixed, topicFor, topicsFor } from './topic-template.ts'
import { attributeGroups, brokerAttributes, withAttributes } from '../google/broker-attributes.ts'
import { clusterOf } from '../google/client.ts'
import { checkTopicName, isTopicName, type PlacedMessage, toPubsub } from '../google/outgoing.ts'
import { Publisher } from '../google/publisher.ts'
import { topicResource } from '../google/resources.ts'
import { projectOf } from '../google/source.ts'
import { failureHeaders } from '../kafka/dead-letter-headers.ts'

const fields = {
  PROJECT: text('the Google Cloud project of the topics; left out: GOOGLE_CLOUD_PROJECT'),
  TOPIC: text('the topic, or a template of {topic} and {stream}; a handler may name another. None is ever created', {
    required: true
  }),
  KEY: text("a CEL expression: the key, where neither handler nor route gives one; left out: the message's own"),
  ORDERED: flag('the key is the ordering key; without it the key is the attribute `alertstreams-key`', {
    fallback: false
  }),
  KEY_FILE: path('JSON key of a service account; left out: application default credentials'),
  ATTRIBUTES: attributeGroups(
    'what is added to the headers, where they have no such name: kafka: kafka.topic, kafka.partition, kafka.offset and ' +
      "kafka.timestamp (ms) of what comes from Kafka; ids: the ids of ZTF's alerts (objectId, candid) and LSST's"
  ),
  TESTID: testid('for a test run, set by `--testid`: it writes to topics whose names end in -TESTID'),
  CODEC: codec(
    'how values that are not bytes are written: a name, or a map of `NAME` and its options; left out: as JSON'
  )
}

type Options = OptionsOf<typeof fields>

/** Messages to Google Pub/Sub topics. What `write` has resolved Pub/Sub has answered for. */
export class PubSubSink implements Sink<PlacedMessage> {
  static readonly doc =
    'Writes to topics of Google Pub/Sub, headers as attributes. What no attribute can be is kept under another name: a ' +
    'repeated NAME as NAME.2, NAME.3; null as an empty NAME.null; bytes that are no UTF-8 text of at most 1,024 bytes ' +
    'as base64 in NAME.base64, and what is longer than that goes on in NAME.base64.2; names that are empty or begin ' +
    'with goog get an underscore in front. A value that is empty or null is told apart by the attribute ' +
    '`alertstreams-value`. A message that needs more than 100 attributes or 10 MB is refused.'
  static readonly fields = fields

  static writes({ PROJECT, TOPIC }: Options) {
    const project = projectOf(PROJECT, 'PROJECT')
    if (!isFixed(TOPIC) || isTopicName(TOPIC)) return { cluster: clusterOf(project), topic: TOPIC }
    throw new AlertStreamsError('CONFIG_INVALID', `TOPIC: "${TOPIC}" is no name for a Pub/Sub topic`, {
      remedy: 'A name has 3 to 255 letters, digits and -._~+%, begins with a letter, and not with goog.'
    })
  }

  static needs(options: Options, { name, baseDir, feeds }: SinkNeedsSetup): readonly Resource[] {
    const asker = { project: projectOf(options.PROJECT, name), account: { ...options, TOKEN_FILE: undefined }, baseDir }
    const topics = topicsFor(options.TOPIC, feeds)
    return topics.map((topic) => topicResource(withTestid(topic, options.TESTID), asker))
  }

  /** For ids. */
  readonly readsPayload: boolean
  readonly #options: Options
  readonly #codec: Codec
  readonly #publisher: Publisher

  constructor(options: Options, setup: SinkSetup) {
    this.#options = options
    this.readsPayload = options.ATTRIBUTES?.includes('ids') ?? false
    this.#codec = options.CODEC?.(setup) ?? makeCodec('json', setup)
    const keyFile = options.KEY_FILE === undefined ? undefined : resolve(setup.baseDir, options.KEY_FILE)
    this.#publisher = new Publisher({ project: projectOf(options.PROJECT, setup.name), keyFile, place: setup.name })
  }

  connect(signal: AbortSignal): Promise<void> {
    const { TOPIC, TESTID } = this.#options
    return this.#publisher.connect(isFixed(TOPIC) ? withTestid(TOPIC, TESTID) : undefined, signal)
  }

  place(outgoing: Outgoing, source: Source): PlacedMessage {
    const { TOPIC, TESTID, ATTRIBUTES, ORDERED } = this.#options
    const topic = outgoing.topic ?? topicFor(TOPIC, { topic: source.message.topic, stream: source.stream })
    const { value } = outgoing
    const encoded = value === null || value instanceof Uint8Array ? undefined : encode(value, this.#codec)
    const data = encoded === undefined ? (value as Uint8Array | null) : encoded.bytes
    const given = (outgoing.headers ?? []).map(([name, one]) => [name, bytesOf(one)] as const)
    const headers = [...given, ...(encoded?.headers ?? [])]
    const isLetter = source.failure !== undefined
    const content = {
      bytes: data,
      key: encoded?.key ?? bytesOf(outgoing.key ?? null),
      headers: ATTRIBUTES && !isLetter ? withAttributes(headers, brokerAttributes(ATTRIBUTES, source)) : headers,
      facts: source.failure === undefined ? [] : failureHeaders(source, source.failure)
    }
    return {
      target: checkTopicName(withTestid(topic, TESTID)),
      extraBytes: data === null || data === source.message.bytes ? 0 : data.length,
      written: false,
      ...toPubsub(content, ORDERED)
    }
  }

  async write(batch: readonly PlacedMessage[], signal: AbortSignal): Promise<readonly Rejection[]> {
    await this.#publisher.publish(batch[0]!.target, batch, signal)
    return batch.flatMap(({ refused: reason }, index) =>
      reason === undefined ? [] : [{ index, code: 'SINK_REJECTED', reason }]
    )
  }

  close(): Promise<void> {
    return this.#publisher.close()
  }
}

function encode(value: unknown, codec: Codec): Encoded {
  try {
    return codec.encode(value)
  } catch (error) {
    throw new AlertStreamsError('SINK_REJECTED', reasonOf(error), { cause: error })
  }
}

function bytesOf(value: string | Uint8Array | null): Uint8Array | null {
  return typeof value === 'string' ? Buffer.from(value) : value
}
