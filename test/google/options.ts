import type { OptionsOf } from '../../src/contract/options.ts'
import type { PubSubSink } from '../../src/sinks/pubsub.ts'
import type { PittGoogleAlertStream } from '../../src/streams/pitt-google.ts'
import type { PittGoogleRestAlertStream } from '../../src/streams/pitt-google-rest.ts'

export type Options = OptionsOf<typeof PittGoogleAlertStream.fields>
export type RestOptions = OptionsOf<typeof PittGoogleRestAlertStream.fields>
export type SinkOptions = OptionsOf<typeof PubSubSink.fields>

const pubsubOptions = {
  PROJECT: undefined,
  KEY_FILE: undefined,
  TOKEN_FILE: undefined,
  TOPIC_PROJECT: undefined,
  SUBSCRIPTION: '{topic}',
  SUBSCRIPTION_FILTER: '',
  ORDERED: false,
  START_POSITION: undefined,
  MAX_MESSAGES: 1000,
  MAX_RESULTS: undefined,
  TIMEOUT: undefined,
  CLASSTAR_THRESHOLD: undefined,
  CLASSTAR_GT_LT: 'lt',
  LIGHTEN_ALERTS: false,
  ZTF_FIELDS: undefined,
  SAVE_METADATA: false,
  TESTID: undefined
} as const

/** All options, as the configuration would fill them in. */
export function optionsOf(options: Partial<Options>): Options {
  return { ...pubsubOptions, MAX_STREAMS: 2, ...options }
}

/** The same of the stream over HTTP. */
export function restOptionsOf(options: Partial<RestOptions>): RestOptions {
  return { ...pubsubOptions, ENDPOINT: undefined, ...options }
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
    ATTRIBUTES: undefined,
    TESTID: undefined,
    ...options
  }
}
