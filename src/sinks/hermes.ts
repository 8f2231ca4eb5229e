import { parseJson, stringifyJson } from '../codecs/json-text.ts'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import type { Outgoing, Rejection, Sink, SinkSetup, Source } from '../contract/sink.ts'
import { type Fields, isRecord } from '../hermes/checks.ts'
import { ID, identityOf } from '../hermes/identity.ts'
import { problemsOf } from '../hermes/validate.ts'
import { clusterName } from '../kafka/client.ts'
import { checkOptions, hermesFields, type HermesSinkOptions } from './hermes-options.ts'
import { topicFor } from './topic-template.ts'
import { overHttp, overKafka, type PlacedMessage, type Prepared, type Way } from './hermes-ways.ts'

/** Messages to Hermes, checked before they are sent. */
export class HermesSink implements Sink<PlacedMessage> {
  static readonly doc =
    'Publishes messages of Hermes, checked by its rules before they are sent: over HTTP with a TOKEN, or with USERNAME ' +
    'and PASSWORD of a SCiMMA credential straight to the Hopskotch topic. Each carries an id in `data.alertstreams_id` ' +
    'that stays the same when it is sent again. Over HTTP it may be published twice when an answer is lost, which the ' +
    'log then says; the uuid that Hermes gives it is another one each time.'
  static readonly fields = hermesFields

  static writes(options: HermesSinkOptions) {
    checkOptions(options)
    return { cluster: clusterName({ URL: options.BROKER_URL }), topic: options.TOPIC }
  }

  readonly #options: HermesSinkOptions
  readonly #way: Way

  constructor(options: HermesSinkOptions, setup: SinkSetup) {
    this.#options = options
    this.#way = options.TOKEN === undefined ? overKafka(options, setup) : overHttp(options, options.TOKEN, setup)
  }

  connect(signal: AbortSignal): Promise<void> {
    return this.#way.connect(signal)
  }

  place(outgoing: Outgoing, source: Source): PlacedMessage {
    return this.#way.place(outgoing, source, this.#prepare(outgoing, source))
  }

  write(batch: readonly PlacedMessage[], signal: AbortSignal): Promise<readonly Rejection[]> {
    return this.#way.write(batch, signal)
  }

  close(): Promise<void> {
    return this.#way.close()
  }

  #prepare(outgoing: Outgoing, source: Source): Prepared {
    const given = messageIn(outgoing.value)
    const topic = outgoing.topic ?? this.#topicOf(given, outgoing.value === source.message.bytes, source)
    const { AUTHORS, USER_TOPICS } = this.#options
    const authors = given.authors === undefined || given.authors === '' ? AUTHORS : undefined
    const message: Fields = {
      ...given,
      ...(topic !== undefined && { topic }),
      ...(authors !== undefined && { authors })
    }
    const problems = problemsOf(message)
    if (problems.length > 0) {
      const named = problems.slice(0, 10).map(({ path, problem }) => `${path}: ${problem}`)
      throw rejected(`it is no message that Hermes takes: ${named.join('; ')}`)
    }
    if (topic === undefined) throw rejected('it names no topic, and the sink has no TOPIC')
    if (USER_TOPICS !== undefined && !USER_TOPICS.includes(topic)) throw rejected(`${topic} is not among USER_TOPICS`)
    const identity = identityOf(source.message, stringifyJson(message))
    const data = { ...(isRecord(message.data) && message.data), [ID]: identity }
    return { topic, title: String(given.title), message: { ...message, data }, identity }
  }

  /** What is republished names the topic that it came from. */
  #topicOf(given: Fields, isRepublished: boolean, { message, stream }: Source): string | undefined {
    const { TOPIC } = this.#options
    const own = TOPIC && topicFor(TOPIC, { topic: message.topic, stream })
    return isRepublished ? (own ?? topicIn(given)) : (topicIn(given) ?? own)
  }
}

/** Bytes may hold one too: an alert that is republished. */
function messageIn(value: unknown): Fields {
  const message = value instanceof Uint8Array ? jsonIn(value) : value
  if (isRecord(message)) return message
  throw rejected('it is no record, and a Hermes message is one')
}

function jsonIn(bytes: Uint8Array): unknown {
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw rejected(`it is no JSON: ${reasonOf(error)}`)
  }
}

function topicIn({ topic }: Fields): string | undefined {
  return typeof topic === 'string' && topic.trim() !== '' ? topic.trim() : undefined
}

function rejected(reason: string): AlertStreamsError {
  return new AlertStreamsError('SINK_REJECTED', reason)
}
