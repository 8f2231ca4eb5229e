import { stringifyJson } from '../codecs/json-text.ts'
import type { Outgoing, Rejection, SinkSetup, Source } from '../contract/sink.ts'
import type { Fields } from '../hermes/checks.ts'
import { uuidBytes } from '../hermes/identity.ts'
import { publishedForm } from '../hermes/published.ts'
import { type Submission, Submissions } from '../hermes/submissions.ts'
import type { PlacedRecord } from '../kafka/cut.ts'
import type { HermesSinkOptions } from './hermes-options.ts'
import { KafkaSink } from './kafka.ts'
import { isFixed } from './topic-template.ts'

export type PlacedMessage = Submission | PlacedRecord

/** How messages get to their topics. */
export interface Way {
  connect(signal: AbortSignal): Promise<void>
  place(outgoing: Outgoing, source: Source, prepared: Prepared): PlacedMessage
  write(batch: readonly PlacedMessage[], signal: AbortSignal): Promise<readonly Rejection[]>
  close(): Promise<void>
}

/** A message that Hermes' rules allow. */
export interface Prepared {
  readonly topic: string
  readonly title: string
  readonly message: Fields
  readonly identity: string
}

export function overHttp(
  { URL: url, RATE: rate, TIMEOUT: timeout, TOPIC }: HermesSinkOptions,
  token: string,
  setup: SinkSetup
): Way {
  const submissions = new Submissions({ url, token, rate, timeout }, setup.log)
  return {
    connect: (signal) => submissions.connect(isFixed(TOPIC) ? TOPIC : undefined, signal),
    place(_outgoing, _source, { topic, title, message, identity }): Submission {
      const text = stringifyJson(message)
      const bytes = Buffer.byteLength(text)
      return { target: topic, bytes, extraBytes: bytes, text, title, identity, state: 'open' }
    },
    write: (batch, signal) => submissions.write(batch as readonly Submission[], signal),
    close: async () => {}
  }
}

/** As Hermes publishes it itself, but for the id, which is the same when it is sent again. */
export function overKafka(options: HermesSinkOptions, setup: SinkSetup): Way {
  const none = {
    CODEC: undefined,
    TESTID: undefined,
    CLIENT_ID: undefined,
    CLIENT_SECRET: undefined,
    TOKEN_URL: undefined,
    SCOPE: undefined
  }
  const own = {
    URL: options.BROKER_URL,
    TOPIC: options.TOPIC ?? '{topic}',
    OFFLOAD: false,
    COMPRESSION: 'none'
  } as const
  const kafka = new KafkaSink({ ...options, ...none, ...own }, setup)
  return {
    connect: (signal) => kafka.connect(signal),
    place({ key = null, partition }, source, { topic, title, message, identity }): PlacedRecord {
      const headers = [
        ['topic', topic],
        ['_id', uuidBytes(identity)],
        ['_format', 'json'],
        ['title', title],
        ['_sender', options.USERNAME ?? '']
      ] as const
      const value = Buffer.from(stringifyJson(publishedForm(message)))
      return kafka.place({ topic, key, headers, value, ...(partition !== undefined && { partition }) }, source)
    },
    write: (batch, signal) => kafka.write(batch as readonly PlacedRecord[], signal),
    close: () => kafka.close()
  }
}
