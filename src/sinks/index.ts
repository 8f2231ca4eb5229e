import type { SinkClass } from '../contract/sink.ts'
import { AvroArchiveSink } from './avro-archive.ts'
import { BigQuerySink } from './bigquery.ts'
import { DatabaseSink } from './database.ts'
import { FileSink } from './file.ts'
import { HermesSink } from './hermes.ts'
import { KafkaSink } from './kafka.ts'
import { PubSubSink } from './pubsub.ts'
import { TomSink } from './tom.ts'
import { WebhookSink } from './webhook.ts'

/** The sinks that a NAME in SINKS may mean. */
export const sinks = {
  AvroArchiveSink,
  BigQuerySink,
  DatabaseSink,
  FileSink,
  HermesSink,
  KafkaSink,
  PubSubSink,
  TomSink,
  WebhookSink
  // biome-ignore lint/suspicious/noExplicitAny: classes with options of any types; needed for variance
} satisfies Record<string, SinkClass<any>>

export type SinkName = keyof typeof sinks
