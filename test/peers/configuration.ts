import { join } from 'node:path'
import type { Case } from './cases.ts'
import { alice, type Places } from './places.ts'

const aliceOptions = { USERNAME: alice.username, PASSWORD: alice.password }

type Named = readonly [name: string, one: Case]

/** What our program runs with: a route for each case, and a sink that gives back what it read. */
export function configuration(
  chosen: readonly Named[],
  topicOf: (name: string) => string,
  { kafka, saslPlaintext, project, offload }: Places
): object {
  const connection = { URL: kafka }
  const account = { URL: saslPlaintext, ...aliceOptions, TLS: false }
  const handler = `${join(import.meta.dirname, 'see.ts')}#see`
  const fetching = { EXTERNAL_ENDPOINT: offload, EXTERNAL_HOSTS: ['127.0.0.1'] }
  const route = ([name, { codec, back, label }]: Named) => {
    const options = { BACK: back === null ? undefined : name, AS_IT_CAME: back?.asItCame, LABEL: label }
    return [topicOf(name), withoutUndefined({ HANDLER: handler, CODEC: codec, OPTIONS: withoutUndefined(options) })]
  }
  const routes = (which: (one: Case) => boolean) =>
    Object.fromEntries(chosen.filter(([, one]) => which(one)).map(route))
  const sink = ([name, { by, large, back }]: Named) => {
    const target = by !== undefined ? { PROJECT: project } : large ? { ...account, OFFLOAD: offload } : connection
    const options = { ...target, TOPIC: backTopic(topicOf(name)), CODEC: back?.codec, COMPRESSION: back?.compression }
    return [name, { NAME: by === undefined ? 'KafkaSink' : 'PubSubSink', OPTIONS: withoutUndefined(options) }]
  }
  const hopskotch = (ID: string, options: object, which: (one: Case) => boolean) => {
    const group = { GROUP_ID: `alice-${ID}`, START_POSITION: 'EARLIEST' }
    return { NAME: 'HopskotchAlertStream', ID, OPTIONS: { ...options, ...group, TOPIC_HANDLERS: routes(which) } }
  }
  return {
    DEFAULTS: { DEAD_LETTER: 'dead' },
    ALERT_STREAMS: [
      hopskotch('plain', connection, ({ by, large }) => by === undefined && !large),
      hopskotch('large', { ...account, ...fetching }, ({ large }) => large === true),
      {
        NAME: 'PittGoogleAlertStream',
        OPTIONS: { PROJECT: project, TOPIC_PROJECT: project, TOPIC_HANDLERS: routes(({ by }) => by === 'Pub/Sub') }
      }
    ],
    SINKS: {
      seen: { NAME: 'FileSink', OPTIONS: { PATH: 'seen/{topic}.ndjson', FORMAT: 'payload' } },
      dead: { NAME: 'FileSink', OPTIONS: { PATH: 'dead.ndjson' } },
      ...Object.fromEntries(chosen.filter(([, { back }]) => back !== null).map(sink))
    }
  }
}

/** Where the program puts what it read from a topic. */
export function backTopic(topic: string): string {
  return `${topic}-back`
}

function withoutUndefined(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
