import type { CodecClass } from '../contract/codec.ts'
import type { SinkClass } from '../contract/sink.ts'
import type { StreamClass } from '../contract/stream.ts'
import type { Report } from './report.ts'
import type { Place } from './tree.ts'

/** The components that a configuration can name. */
export interface Parts {
  // biome-ignore lint/suspicious/noExplicitAny: a list of classes with options of any types; needed for variance
  readonly streams: Readonly<Record<string, StreamClass<any>>>
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  readonly sinks: Readonly<Record<string, SinkClass<any>>>
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  readonly codecs: Readonly<Record<string, CodecClass<any>>>
}

/** What reading a part of the configuration needs to know about the whole. */
export interface Scope {
  readonly report: Report
  readonly parts: Parts
  /** False within a stream with ACTIVE: false, where what is missing on this machine only warns. */
  readonly active: boolean
  /** Of a test run: what every part that has a TESTID is given. */
  readonly testid: string | undefined
  /** The names in SINKS and DATA_SHARING. */
  readonly sinkNames: readonly string[]
  /** Those in DATA_SHARING, behind which a topic may stand: `hermes:hermes.test`. */
  readonly sharedNames: readonly string[]
}

/** Something outside of the configuration is not there. */
export function reportMissing(scope: Scope, place: Place, rule: string, remedy?: string): void {
  if (scope.active) scope.report.problem(place, rule, remedy)
  else scope.report.warning(place, `${rule} (in a stream that is not active)`, remedy)
}
