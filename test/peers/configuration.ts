import { join } from 'node:path'
import { newName } from '../end-to-end/kafka.ts'
import type { Case } from './cases.ts'
import { peerAddresses } from './peer.ts'

/** What our program runs with: a route for each case, and a sink that gives back what it read. */
export function configuration(
  chosen: readonly [string, Case][],
  topics: Readonly<Record<string, string | undefined>>
): object {
  const connection = { URL: peerAddresses().kafka }
  const handler = `${join(import.meta.dirname, 'see.ts')}#see`
  const route = ([name, { codec, back, label }]: readonly [string, Case]) => {
    const options = { BACK: back === null ? undefined : name, AS_IT_CAME: back?.asItCame, LABEL: label }
    return [topics[name], { HANDLER: handler, CODEC: codec, OPTIONS: withoutUndefined(options) }]
  }
  const sink = ([name, { back }]: readonly [string, Case]) => {
    const options = { ...connection, TOPIC: `back-${topics[name]}`, CODEC: back?.codec, COMPRESSION: back?.compression }
    return [name, { NAME: 'KafkaSink', OPTIONS: withoutUndefined(options) }]
  }
  const stream = {
    NAME: 'HopskotchAlertStream',
    DEAD_LETTER: 'dead',
    OPTIONS: {
      ...connection,
      GROUP_ID: newName('proof'),
      START_POSITION: 'EARLIEST',
      TOPIC_HANDLERS: Object.fromEntries(chosen.map(route))
    }
  }
  return {
    ALERT_STREAMS: [stream],
    SINKS: {
      seen: { NAME: 'FileSink', OPTIONS: { PATH: 'seen/{topic}.ndjson', FORMAT: 'payload' } },
      dead: { NAME: 'FileSink', OPTIONS: { PATH: 'dead.ndjson' } },
      ...Object.fromEntries(chosen.filter(([, { back }]) => back !== null).map(sink))
    }
  }
}

function withoutUndefined(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
