import type { StreamClass } from '../contract/stream.ts'
import { ArchiveAlertStream } from './archive.ts'
import { HopskotchAlertStream } from './hopskotch.ts'
import { PittGoogleAlertStream } from './pitt-google.ts'

/** The streams that a NAME in ALERT_STREAMS may mean. */
export const streams = {
  ArchiveAlertStream,
  HopskotchAlertStream,
  PittGoogleAlertStream
  // biome-ignore lint/suspicious/noExplicitAny: classes with options of any types; needed for variance
} satisfies Record<string, StreamClass<any>>

export type StreamName = keyof typeof streams
