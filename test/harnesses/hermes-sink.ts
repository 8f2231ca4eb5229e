import type { Outgoing, Placed, Rejection, Sink, SinkSetup, Source } from '../../src/contract/sink.ts'
import { stringifyJson } from '../../src/codecs/json-text.ts'
import { HermesSink } from '../../src/sinks/hermes.ts'
import { type SinkHarness, sinkSetup, type Written } from '../contract/sink-bench.ts'
import { HermesService } from '../hermes/hermes-service.ts'
import { readOptions } from '../kafka/options.ts'
import { kafka, newTopic, readTopic, withAdmin } from '../setup/services.ts'
import { denied } from './kafka-sink.ts'

type Given = Readonly<Record<string, unknown>>

/** A sink with options as the configuration gives them. */
export function hermesSink(options: Given, over: Partial<SinkSetup> = {}): HermesSink {
  return new HermesSink(readOptions(HermesSink.fields, options), sinkSetup(over))
}

/**
 * Hermes takes nothing but its own messages, so what the suite writes goes into one: bytes as base64 in `data.bytes`, other
 * values as JSON. `written` takes it out again.
 */
class Wrapped implements Sink {
  readonly #sink: HermesSink

  constructor(sink: HermesSink) {
    this.#sink = sink
  }

  connect(signal: AbortSignal): Promise<void> {
    return this.#sink.connect(signal)
  }

  place(outgoing: Outgoing, source: Source): Placed {
    return this.#sink.place({ ...outgoing, value: wrapped(outgoing.value) }, source)
  }

  write(batch: readonly Placed[], signal: AbortSignal): Promise<readonly Rejection[]> {
    return this.#sink.write(batch as Parameters<HermesSink['write']>[0], signal)
  }

  close(): Promise<void> {
    return this.#sink.close()
  }
}

function wrapped(value: unknown): unknown {
  if (value === NO_TITLE) return { submitter: 'the suite' }
  const data =
    value instanceof Uint8Array ? { bytes: Buffer.from(value).toString('base64') } : { json: stringifyJson(value) }
  return { title: 'a message of the suite', submitter: 'the suite', data }
}

const NO_TITLE = Symbol('a message without a title')

function unwrapped(message: Readonly<Record<string, unknown>>, key: Uint8Array | null): Written {
  const { bytes, json } = message.data as { bytes?: string; json?: string }
  return { key, headers: [], bytes: bytes === undefined ? Buffer.from(json!) : Buffer.from(bytes, 'base64') }
}

const promises = { ordered: true, keepsHeaders: false, keepsNull: false, breaks: true, rejects: true } as const
const TOPIC = 'hermes.test'

/** Over HTTP, to a service of its own. */
export const hermesOverHttp: SinkHarness = {
  promises: { ...promises, keepsKey: false },
  secrets: ['0123456789abcdef0123456789abcdef01234567'],
  async setUp() {
    const service = await HermesService.start()
    return {
      topic: TOPIC,
      open: (over) => new Wrapped(hermesSink({ URL: service.url, TOKEN: service.token, TOPIC }, over)),
      written: async (topic) =>
        service.published.filter((one) => one.topic === topic).map(({ message }) => unwrapped(message, null)),
      breakTarget: async () => service.answerAll({ status: 503, body: 'no', headers: { 'Retry-After': '1' } }),
      mendTarget: async () => service.answerAll(undefined),
      impossible: () => ({ topic: TOPIC, value: NO_TITLE }),
      tearDown: () => service[Symbol.asyncDispose]()
    }
  },
  unreachable: (over) => new Wrapped(hermesSink({ URL: 'http://127.0.0.1:9/', TOKEN: 'secret-token', TOPIC }, over))
}

const PASSWORD = 'alice-secret'

/** Straight to topics of the Kafka of this test run. */
export const hermesOverKafka: SinkHarness = {
  promises: { ...promises, keepsKey: true },
  secrets: [PASSWORD],
  async setUp() {
    const topic = await newTopic('hermes', 2)
    const { saslSsl, caFile } = kafka()!
    return {
      topic,
      open: (over) =>
        new Wrapped(hermesSink({ ...credentials(), BROKER_URL: saslSsl, SSL_CA_LOCATION: caFile, TOPIC: topic }, over)),
      async written() {
        const messages = await readTopic(topic)
        return messages.map(({ key, value }) => unwrapped(JSON.parse(value!.toString()), key))
      },
      breakTarget: () => withAdmin(async (admin) => void (await admin.createAcls({ acl: [denied(topic)] }))),
      mendTarget: () => withAdmin(async (admin) => void (await admin.deleteAcls({ filters: [denied(topic)] }))),
      impossible: () => ({ topic, value: NO_TITLE }),
      async tearDown() {}
    }
  },
  unreachable: (over) =>
    new Wrapped(hermesSink({ ...credentials(), BROKER_URL: '127.0.0.1:9', TOPIC: 'anything' }, over))
}

const credentials = () => ({ USERNAME: 'alice', PASSWORD })
