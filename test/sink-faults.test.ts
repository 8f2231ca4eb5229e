import { describe, test } from 'vitest'
import type { SinkName } from '../src/sinks/index.ts'
import { describeStorage, describeStorageAndPubsub } from './google/cloud-storage.ts'
import { describePostgres } from './services/postgres.ts'
import { describeTom3 } from './services/tom.ts'
import { describeKafka, describeKafkaSasl, describePubsub } from './setup/services.ts'
import { runUnderFaults } from './sink-faults/run.ts'
import type { MakeTarget } from './sink-faults/target.ts'
import * as targets from './sink-faults/targets.ts'

interface Suite {
  /** What it writes to. */
  readonly to: string
  readonly target: MakeTarget
  /** Says aloud when the service is missing. */
  readonly describe: (title: string, suite: () => void) => void
}

/** The short fault run of every sink; one without does not compile. */
const suites: Record<SinkName, readonly [Suite, ...Suite[]]> = {
  AvroArchiveSink: [
    { to: 'a folder', target: targets.archiveFolder, describe },
    { to: 'a bucket', target: targets.archiveBucket, describe: describeStorage },
    { to: 'a bucket, of which Pub/Sub is told', target: targets.archiveWithNotices, describe: describeStorageAndPubsub }
  ],
  BigQuerySink: [{ to: 'BigQuery', target: targets.bigqueryTable, describe }],
  DatabaseSink: [
    { to: 'SQLite', target: targets.sqlite, describe },
    { to: 'PostgreSQL', target: targets.postgresql, describe: describePostgres }
  ],
  FileSink: [{ to: 'a file', target: targets.file, describe }],
  HermesSink: [
    { to: 'Hermes over HTTP', target: targets.hermesOverHttp, describe },
    { to: 'a Hopskotch topic', target: targets.hermesOverKafka, describe: describeKafkaSasl }
  ],
  KafkaSink: [{ to: 'Kafka', target: targets.kafkaTopic, describe: describeKafkaSasl }],
  PubSubSink: [{ to: 'Pub/Sub', target: targets.pubsubTopic, describe: describePubsub }],
  TomSink: [{ to: 'a TOM', target: targets.runningTom, describe: describeTom3 }],
  WebhookSink: [{ to: 'an HTTP endpoint', target: targets.webhook, describe }]
}

describeKafka('under faults', () => {
  for (const [name, all] of Object.entries(suites)) {
    for (const { to, target, describe } of all) {
      describe(name, () => {
        test(`everything comes to ${to}, and the account adds up`, { timeout: 300_000 }, () =>
          runUnderFaults(target, 1)
        )
      })
    }
  }
})
