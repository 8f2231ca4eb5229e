import { codecs } from '../../src/codecs/index.ts'
import { codecOf } from '../../src/codecs/usual.ts'
import type { Parts } from '../../src/config/index.ts'
import { choice, declare, duration, flag, integer, type OptionsOf, path, text } from '../../src/contract/options.ts'
import type { Outgoing, Rejection, Sink, SinkSetup } from '../../src/contract/sink.ts'
import type { AlertStream, StreamSetup } from '../../src/contract/stream.ts'

const url = declare<string>('url', { type: 'string' }, (value) =>
  typeof value === 'string' && /^kafka:\/\/[\w.-]+(:\d+)?\/?$/.test(value)
    ? { value }
    : { problem: 'expected an address as in kafka://host:9092/' }
)

const cluster = (address: string) => new URL(address).host.toLowerCase()

/** A stream without messages that shows what it was given. */
export class QuietStream implements AlertStream {
  static readonly doc = 'reads nothing'
  static readonly tomNames = ['tom_alertstreams.alertstreams.hopskotch.HopskotchAlertStream']
  static readonly fields = {
    URL: url('where the broker is', { fallback: 'kafka://quiet.example:9092/' }),
    USERNAME: text('the user name'),
    PASSWORD: text('the password', { secret: true }),
    GROUP_ID: text('the consumer group', { required: true }),
    START_POSITION: choice('where a new group begins', ['EARLIEST', 'LATEST'], { fallback: 'LATEST' }),
    SSL_CA_LOCATION: path('a file of certificates'),
    INCLUDE_TEST: flag('also test messages', { fallback: false }),
    COUNT: integer('how many'),
    TIMEOUT: duration('bounds a run')
  }
  static reads(options: OptionsOf<typeof QuietStream.fields>): string {
    if (options.USERNAME !== undefined && options.PASSWORD === undefined) throw new Error('USERNAME needs a PASSWORD')
    return cluster(options.URL)
  }

  readonly options: OptionsOf<typeof QuietStream.fields>
  readonly setup: StreamSetup
  readonly codec = codecOf('json')

  constructor(options: OptionsOf<typeof QuietStream.fields>, setup: StreamSetup) {
    this.options = options
    this.setup = setup
  }

  async connect(): Promise<void> {}
  async *read(): ReturnType<AlertStream['read']> {
    yield []
  }
  held(): undefined {
    return undefined
  }
  async close(): Promise<void> {}
}

/** A sink that keeps nothing and shows what it was given. */
export class QuietSink implements Sink {
  static readonly doc = 'keeps nothing'
  static readonly fields = {
    URL: url('where the broker is', { fallback: 'kafka://quiet.example:9092/' }),
    TOPIC: text('the topic'),
    PASSWORD: text('the password', { secret: true })
  }
  static writes(options: OptionsOf<typeof QuietSink.fields>) {
    return { cluster: cluster(options.URL), topic: options.TOPIC }
  }

  readonly options: OptionsOf<typeof QuietSink.fields>
  readonly setup: SinkSetup

  constructor(options: OptionsOf<typeof QuietSink.fields>, setup: SinkSetup) {
    this.options = options
    this.setup = setup
  }

  async connect(): Promise<void> {}
  place(outgoing: Outgoing) {
    return { target: outgoing.topic ?? '', extraBytes: 0, bytes: 0 }
  }
  async write(): Promise<readonly Rejection[]> {
    return []
  }
  async close(): Promise<void> {}
}

export const parts: Parts = { streams: { QuietStream }, sinks: { QuietSink }, codecs }
