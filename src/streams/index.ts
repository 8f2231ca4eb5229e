import type { StreamClass } from '../contract/stream.ts'
import { AlerceAlertStream } from './alerce.ts'
import { AntaresAlertStream } from './antares.ts'
import { ArchiveAlertStream } from './archive.ts'
import { BabamulAlertStream } from './babamul.ts'
import { FinkAlertStream } from './fink.ts'
import { GcnAlertStream } from './gcn.ts'
import { HopskotchAlertStream } from './hopskotch.ts'
import { KafkaAlertStream } from './kafka.ts'
import { LasairAlertStream } from './lasair.ts'
import { PittGoogleAlertStream } from './pitt-google.ts'
import { PittGoogleDatabaseStream } from './pitt-google-database.ts'
import { PittGoogleRestAlertStream } from './pitt-google-rest.ts'

/** The streams that a NAME in ALERT_STREAMS may mean. */
export const streams = {
  AlerceAlertStream,
  AntaresAlertStream,
  ArchiveAlertStream,
  BabamulAlertStream,
  FinkAlertStream,
  GcnAlertStream,
  HopskotchAlertStream,
  KafkaAlertStream,
  LasairAlertStream,
  PittGoogleAlertStream,
  PittGoogleDatabaseStream,
  PittGoogleRestAlertStream
  // biome-ignore lint/suspicious/noExplicitAny: classes with options of any types; needed for variance
} satisfies Record<string, StreamClass<any>>

export type StreamName = keyof typeof streams
