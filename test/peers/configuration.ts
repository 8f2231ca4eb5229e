import { join } from 'node:path'
import { newName } from '../end-to-end/kafka.ts'
import type { Case } from './cases.ts'
import { peerAddresses } from './peer.ts'

type Named = readonly [name: string, one: Case]

/** What our program runs with: a route for each case, and a sink that gives back what it read. */
export function configuration(chosen: readonly Named[], topicOf: (name: string) => string, project: string): object {
  const connection = { URL: peerAddresses().kafka }
  const handler = `${join(import.meta.dirname, 'see.ts')}#see`
  const route = ([name, { codec, back, label }]: Named) => {
    const options = { BACK: back === null ? undefined : name, AS_IT_CAME: back?.asItCame, LABEL: label }
    return [topicOf(name), { HANDLER: handler, CODEC: codec, OPTIONS: withoutUndefined(options) }]
  }
  const routes = (by: Case['by']) => Object.fromEntries(chosen.filter(([, one]) => one.by === by).map(route))
  const sink = ([name, { by, back }]: Named) => {
    const target = by === undefined ? connection : { PROJECT: project }
    const options = { ...target, TOPIC: backTopic(topicOf(name)), CODEC: back?.codec, COMPRESSION: back?.compression }
    return [name, { NAME: by === undefined ? 'KafkaSink' : 'PubSubSink', OPTIONS: withoutUndefined(options) }]
  }
  const group = { GROUP_ID: newName('proof'), START_POSITION: 'EARLIEST' }
  return {
    DEFAULTS: { DEAD_LETTER: 'dead' },
    ALERT_STREAMS: [
      { NAME: 'HopskotchAlertStream', OPTIONS: { ...connection, ...group, TOPIC_HANDLERS: routes(undefined) } },
      {
        NAME: 'PittGoogleAlertStream',
        OPTIONS: { PROJECT: project, TOPIC_PROJECT: project, TOPIC_HANDLERS: routes('Pub/Sub') }
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
