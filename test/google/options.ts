import type { OptionsOf } from '../../src/contract/options.ts'
import type { PubSubSink } from '../../src/sinks/pubsub.ts'
import type { PittGoogleAlertStream } from '../../src/streams/pitt-google.ts'

export type Options = OptionsOf<typeof PittGoogleAlertStream.fields>
export type SinkOptions = OptionsOf<typeof PubSubSink.fields>

/** All options, as the configuration would fill them in. */
export function optionsOf(options: Partial<Options>): Options {
  return {
    PROJECT: undefined,
    TOPIC_PROJECT: undefined,
    SUBSCRIPTION: '{topic}',
    KEY_FILE: undefined,
    MAX_MESSAGES: 1000,
    MAX_STREAMS: 2,
    ...options
  }
}

/** The same of the sink. */
export function sinkOptionsOf(options: Partial<SinkOptions>): SinkOptions {
  return {
    PROJECT: undefined,
    TOPIC: '{topic}',
    KEY: undefined,
    ORDERED: false,
    KEY_FILE: undefined,
    CODEC: undefined,
    ...options
  }
}
