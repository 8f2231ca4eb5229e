import { describe } from 'vitest'
import type { StreamName } from '../src/streams/index.ts'
import { streamContract } from './contract/stream.ts'
import type { StreamHarness } from './contract/stream-bench.ts'
import { archiveOfFiles, archiveOfLines, archiveOfTar } from './harnesses/archive.ts'
import { gcn } from './harnesses/gcn.ts'
import { hopskotch, hopskotchPlain } from './harnesses/hopskotch.ts'
import { alerce, antares, anyKafka, babamul, fink, lasair } from './harnesses/kafka.ts'
import { pittGoogle } from './harnesses/pitt-google.ts'
import { pittGoogleDatabase } from './harnesses/pitt-google-database.ts'
import { pittGoogleRest } from './harnesses/pitt-google-rest.ts'
import { describeBigquery, describeKafka, describeKafkaSasl, describePubsub } from './setup/services.ts'

interface Suite {
  /** What it runs over. */
  readonly over: string
  readonly harness: StreamHarness
  /** Says aloud when the service is missing. */
  readonly describe: (title: string, suite: () => void) => void
}

/** A stream without a harness does not compile. */
const suites: Record<StreamName, readonly [Suite, ...Suite[]]> = {
  AlerceAlertStream: [{ over: 'Kafka, dated topics', harness: alerce, describe: describeKafkaSasl }],
  AntaresAlertStream: [{ over: 'Kafka, PLAIN over TLS', harness: antares, describe: describeKafkaSasl }],
  ArchiveAlertStream: [
    { over: 'lines', harness: archiveOfLines, describe },
    { over: 'a file a message', harness: archiveOfFiles, describe },
    { over: 'lines in a tar archive', harness: archiveOfTar, describe }
  ],
  BabamulAlertStream: [{ over: 'Kafka', harness: babamul, describe: describeKafkaSasl }],
  FinkAlertStream: [{ over: 'Kafka', harness: fink, describe: describeKafka }],
  GcnAlertStream: [{ over: 'Kafka, OAUTHBEARER', harness: gcn, describe: describeKafkaSasl }],
  HopskotchAlertStream: [
    { over: 'Kafka', harness: hopskotch, describe: describeKafkaSasl },
    { over: 'Kafka, PLAIN', harness: hopskotchPlain, describe: describeKafkaSasl }
  ],
  KafkaAlertStream: [{ over: 'Kafka', harness: anyKafka, describe: describeKafka }],
  LasairAlertStream: [{ over: 'Kafka', harness: lasair, describe: describeKafka }],
  PittGoogleAlertStream: [{ over: 'Pub/Sub', harness: pittGoogle, describe: describePubsub }],
  PittGoogleDatabaseStream: [{ over: 'BigQuery', harness: pittGoogleDatabase, describe: describeBigquery }],
  PittGoogleRestAlertStream: [{ over: 'Pub/Sub, HTTP', harness: pittGoogleRest, describe: describePubsub }]
}

for (const [name, [...all]] of Object.entries(suites)) {
  for (const { over, harness, describe } of all) describe(`over ${over}`, () => streamContract(name, harness))
}
