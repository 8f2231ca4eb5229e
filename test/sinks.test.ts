import { describe } from 'vitest'
import type { SinkName } from '../src/sinks/index.ts'
import { sinkContract } from './contract/sink.ts'
import type { SinkHarness } from './contract/sink-bench.ts'
import { describeStorage, describeStorageAndPubsub } from './google/cloud-storage.ts'
import { archiveInBucket, archiveInFolder, archiveWithNotices, rawFilesInBucket } from './harnesses/archive-sink.ts'
import { bigquerySink } from './harnesses/bigquery-sink.ts'
import { fileSinkOfMessages, fileSinkOfRawFiles } from './harnesses/file-sink.ts'
import { hermesOverHttp, hermesOverKafka } from './harnesses/hermes-sink.ts'
import { kafkaSink } from './harnesses/kafka-sink.ts'
import { postgresSink } from './harnesses/postgres-sink.ts'
import { orderedPubsubSink, pubsubSink } from './harnesses/pubsub-sink.ts'
import { sqliteSink } from './harnesses/sqlite-sink.ts'
import { tomSinkTo } from './harnesses/tom-sink.ts'
import { webhookSink } from './harnesses/webhook-sink.ts'
import { describePostgres } from './services/postgres.ts'
import { describeTom2, describeTom3 } from './services/tom.ts'
import { describeBigquery, describeKafkaSasl, describePubsub } from './setup/services.ts'

interface Suite {
  /** What it writes. */
  readonly to: string
  readonly harness: SinkHarness
  /** Says aloud when the service is missing. */
  readonly describe: (title: string, suite: () => void) => void
}

/** A sink without a harness does not compile. */
const suites: Record<SinkName, readonly [Suite, ...Suite[]]> = {
  AvroArchiveSink: [
    { to: 'a folder', harness: archiveInFolder, describe },
    { to: 'a bucket', harness: archiveInBucket, describe: describeStorageAndPubsub },
    { to: 'a bucket, of which Pub/Sub is told', harness: archiveWithNotices, describe: describeStorageAndPubsub }
  ],
  BigQuerySink: [{ to: 'BigQuery', harness: bigquerySink, describe: describeBigquery }],
  DatabaseSink: [
    { to: 'SQLite', harness: sqliteSink, describe },
    { to: 'PostgreSQL', harness: postgresSink, describe: describePostgres }
  ],
  FileSink: [
    { to: 'lines', harness: fileSinkOfMessages, describe },
    { to: 'a file a message', harness: fileSinkOfRawFiles, describe },
    { to: 'a file a message in a bucket', harness: rawFilesInBucket, describe: describeStorage }
  ],
  HermesSink: [
    { to: 'Hermes over HTTP', harness: hermesOverHttp, describe },
    { to: 'a Hopskotch topic', harness: hermesOverKafka, describe: describeKafkaSasl }
  ],
  KafkaSink: [{ to: 'Kafka', harness: kafkaSink, describe: describeKafkaSasl }],
  PubSubSink: [
    { to: 'Pub/Sub', harness: pubsubSink, describe: describePubsub },
    { to: 'Pub/Sub with ordering keys', harness: orderedPubsubSink, describe: describePubsub }
  ],
  TomSink: [
    { to: 'TOM Toolkit 2', harness: tomSinkTo(2), describe: describeTom2 },
    { to: 'TOM Toolkit 3', harness: tomSinkTo(3), describe: describeTom3 }
  ],
  WebhookSink: [{ to: 'an HTTP endpoint', harness: webhookSink, describe }]
}

for (const [name, [...all]] of Object.entries(suites)) {
  for (const { to, harness, describe } of all) describe(`to ${to}`, () => sinkContract(name, harness))
}
