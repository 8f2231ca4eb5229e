import type { SinkSetup } from '../../src/contract/sink.ts'
import { PubSubSink } from '../../src/sinks/pubsub.ts'
import { type SinkHarness, type Written, sinkSetup } from '../contract/sink-bench.ts'
import { Mailbox, type Pulled } from '../google/mailbox.ts'
import { type SinkOptions, sinkOptionsOf } from '../google/options.ts'
import { startPubsub } from '../services/pubsub.ts'

/** Nobody listens there. */
const CLOSED = '127.0.0.1:9'
const TOPIC = 'contract'

/** Topics of a Pub/Sub server of its own, since a fault is one for all that it serves. */
function harness(options: Partial<SinkOptions>): SinkHarness {
  return {
    promises: {
      ordered: options.ORDERED === true,
      keepsKey: true,
      keepsHeaders: false,
      keepsNull: true,
      breaks: true,
      rejects: true
    },
    async setUp() {
      const running = await startPubsub()
      const mailbox = await Mailbox.open(running.host, TOPIC)
      return {
        topic: TOPIC,
        open: (over) => open(over, { ...options, PROJECT: mailbox.project }, running.host),
        written: async () => (await mailbox.published()).map(writtenOf),
        breakTarget: async () => void (await running.admin('fault?method=Publish&code=RESOURCE_EXHAUSTED&n=-1')),
        mendTarget: async () => void (await running.admin('fault?method=Publish&code=RESOURCE_EXHAUSTED&n=0')),
        impossible: () => ({ topic: TOPIC, key: 'one', value: new Uint8Array(10_000_001) }),
        tearDown: running.stop
      }
    },
    unreachable: (over) => open(over, { ...options, PROJECT: 'nobody' }, CLOSED)
  }
}

export const pubsubSink = harness({})
export const orderedPubsubSink = harness({ ORDERED: true })

function open(over: Partial<SinkSetup>, options: Partial<SinkOptions>, emulator: string): PubSubSink {
  process.env.PUBSUB_EMULATOR_HOST = emulator
  return new PubSubSink(sinkOptionsOf({ TOPIC, ...options }), sinkSetup(over))
}

function writtenOf({ data, attributes, orderingKey }: Pulled): Written {
  const key = attributes['alertstreams-key.base64']
  return {
    key: key === undefined ? Buffer.from(attributes['alertstreams-key'] ?? orderingKey) : Buffer.from(key, 'base64'),
    headers: [],
    bytes: attributes['alertstreams-value'] === 'null' ? null : data
  }
}
