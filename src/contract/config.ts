import type { CodecSetup } from './codec.ts'
import type { Expression } from './filter.ts'
import type { Feed, Resource } from './resource.ts'
import type { Route } from './route.ts'
import type { Schedule } from './schedule.ts'
import type { Sink, SinkSetup } from './sink.ts'
import type { AlertStream, StreamSetup } from './stream.ts'

/** A configuration that has been checked; everything in it is loaded, nothing is connected. */
export interface Config {
  /** As given, absolute. */
  readonly files: readonly string[]
  /** The folder of the first file. */
  readonly baseDir: string
  readonly runner: RunnerConfig
  /** Active ones only. */
  readonly streams: readonly StreamConfig[]
  readonly sinks: readonly SinkConfig[]
  /** Every secret value in it, so that the log can take them out of any text. */
  readonly secrets: readonly string[]
  /** Formatted like problems, but nothing that keeps it from running. */
  readonly warnings: readonly string[]
}

/** `gcp`: JSON lines as Google Cloud Logging reads them. */
export type LogFormat = 'auto' | 'text' | 'json' | 'gcp'

export interface RunnerConfig {
  /** BUFFER_BYTES: the byte budget over all that is taken and not settled. */
  readonly bufferBytes: number
  readonly drainSeconds: number
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
  readonly logFormat: LogFormat
  /** Absolute. */
  readonly stateDir: string
  /** HTTP: where the state is served; undefined: nowhere. */
  readonly http: { readonly host: string; readonly port: number } | undefined
}

export interface StreamConfig {
  readonly id: string
  /** NAME as written. */
  readonly name: string
  readonly routes: readonly Route[]
  /** For a topic that no route takes: the stream's own DEAD_LETTER and ON_FAILURE. */
  readonly deadLetter: string | undefined
  readonly onFailure: 'stop' | 'skip'
  readonly heartbeats: readonly Heartbeat[]
  /** When it runs; undefined: always. */
  readonly schedule?: Schedule | undefined
  /** See `StreamClass.grouped`. */
  readonly grouped: boolean
  /** What its log is called at Google, for a topic or for all: a subscription, a table. */
  logName?(topic: string | undefined): string | undefined
  make(setup: StreamSetup): AlertStream
  /** See `StreamClass.needs`. */
  needs?(baseDir: string): readonly Resource[]
  /** What the codecs of its routes are given. */
  codecSetup?(setup: CodecSetup): CodecSetup
}

export interface SinkConfig {
  readonly name: string
  /** The class: KafkaSink, FileSink, ... */
  readonly kind: string
  /** KEY of the sink: a CEL expression in its OPTIONS, evaluated by the pipeline. */
  readonly key: Expression | undefined
  /** Opened when something is first written to it, and not at the start: no route names it. */
  readonly onDemand?: boolean
  make(setup: SinkSetup): Sink
  /** See `SinkClass.needs`. */
  needs?(feeds: readonly Feed[], baseDir: string): readonly Resource[]
}

/** HEARTBEAT: what may be expected of a source that is alive. */
export interface Heartbeat {
  /** An exact topic; undefined: any message of the stream. */
  readonly topic: string | undefined
  /** Seconds; longer than that without a message is an error in the log. */
  readonly every: number
}
