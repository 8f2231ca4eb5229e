import { join } from 'node:path'

export interface ConfigSettings {
  readonly folder: string
  readonly source: string
  readonly sink: string
  readonly project: string
  /** Payloads are packets, which know nothing of our keys. */
  readonly packets: boolean
}

export const groups = { main: 'faults-main', latest: 'faults-latest' } as const

/** The configuration of one member: all but its files is the same for all. */
export function configText({ folder, source, sink, project, packets }: ConfigSettings): string {
  const codec = packets ? 'avro' : 'json'
  const handler = join(import.meta.dirname, 'handlers.ts#obey')
  const kafkaSink = (topic: string) => `{ NAME: KafkaSink, OPTIONS: { URL: '${sink}', TOPIC: ${topic} } }`
  return `
ALERT_STREAMS:
  - NAME: HopskotchAlertStream
    ID: main
    OPTIONS:
      URL: ${source}
      GROUP_ID: ${groups.main}
      START_POSITION: EARLIEST
      SESSION_TIMEOUT: 6s
      TOPIC_HANDLERS:
        plain: { SINKS: out }
        keyed:
          HANDLER: ${handler}
          CODEC: ${codec}
          ORDER_BY: ${packets ? 'msg.key' : 'key'}
          CONCURRENCY: 48
          TIMEOUT: 1500ms
          RETRY: { ATTEMPTS: 3, BACKOFF: 50ms }
          SINKS: out
        files: { SINKS: [out, file] }
        deduped: { SINKS: out, DEDUPE: { KEY: msg.headers.n, WINDOW: 24h } }
        small: { SINKS: small }
        'late-*': { SINKS: out }
    DEAD_LETTER: dead
  - NAME: HopskotchAlertStream
    ID: latest
    OPTIONS:
      URL: ${source}
      GROUP_ID: ${groups.latest}
      START_POSITION: LATEST
      SESSION_TIMEOUT: 6s
      TOPIC_HANDLERS:
        latest: { SINKS: out }
    DEAD_LETTER: dead
  - NAME: PittGoogleAlertStream
    ID: pubsub
    OPTIONS:
      PROJECT: ${project}
      TOPIC_PROJECT: ${project}
      MAX_MESSAGES: 100
      TOPIC_HANDLERS:
        pubsub: { SINKS: out }
    DEAD_LETTER: dead
SINKS:
  out: ${kafkaSink('out')}
  small: ${kafkaSink('out-small')}
  dead: ${kafkaSink('dead')}
  file: { NAME: FileSink, OPTIONS: { PATH: '${join(folder, 'out.ndjson')}' } }
RUNNER:
  BUFFER_BYTES: ${packets ? '32 MB' : '16 MB'}
  DRAIN_SECONDS: 30
  STATE_DIR: ${join(folder, 'state')}
`
}
