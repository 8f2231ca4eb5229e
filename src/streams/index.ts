import type { StreamClass } from '../contract/stream.ts'
import { ArchiveAlertStream } from './archive.ts'
import { PittGoogleAlertStream } from './pitt-google.ts'

// biome-ignore lint/suspicious/noExplicitAny: a list of classes with options of any types; needed for variance
export const streams = { ArchiveAlertStream, PittGoogleAlertStream } satisfies Record<string, StreamClass<any>>

export type StreamName = keyof typeof streams
