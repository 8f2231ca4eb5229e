/** Suites that a stream, a sink or a codec of your own can run under vitest. */
export { type CodecHarness, codecContract } from './codec.ts'
export { type LogLine, RecordingLog } from './log.ts'
export { TestRoom } from './room.ts'
export { sinkContract } from './sink.ts'
export { type SinkHarness, type SinkPromises, type SinkStage, sinkSetup, type Written } from './sink-bench.ts'
export { streamContract } from './stream.ts'
export {
  type Published,
  type StreamHarness,
  type StreamPromises,
  type StreamStage,
  streamSetup
} from './stream-bench.ts'
