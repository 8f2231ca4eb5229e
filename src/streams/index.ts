import type { StreamClass } from '../contract/stream.ts'

// biome-ignore lint/suspicious/noExplicitAny: a list of classes with options of any types; needed for variance
export const streams = {} satisfies Record<string, StreamClass<any>>

export type StreamName = keyof typeof streams
