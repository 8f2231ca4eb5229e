import { randomBytes } from 'node:crypto'
import type { StreamSetup } from '../../src/contract/stream.ts'
import { HopskotchAlertStream } from '../../src/streams/hopskotch.ts'
import { type Published, type StreamHarness, streamSetup } from '../contract/stream-bench.ts'
import { options } from '../kafka/options.ts'
import { committed, kafka, newTopic, produce } from '../setup/services.ts'

/** Nobody listens there. */
const CLOSED = '127.0.0.1:9'
const PARTITIONS = 3
const PASSWORD = 'alice-secret'
const WRONG_PASSWORD = 'wrong-but-secret'

/** Consumer groups of the Kafka of this test run, with SCRAM over TLS. */
export const hopskotch: StreamHarness = {
  promises: {
    ordered: true,
    redelivers: 'after reopening',
    remembers: true,
    ends: false,
    keepsKey: 'bytes',
    keepsHeaders: 'all',
    keepsNull: true
  },
  secrets: [PASSWORD, WRONG_PASSWORD],
  async setUp() {
    const topic = await newTopic('contract', PARTITIONS)
    const GROUP_ID = `alice-${randomBytes(4).toString('hex')}`
    return {
      publish: (messages) => produce(topic, messages.map(toRecord)),
      open: (over) => open({ topics: [topic], ...over }, { GROUP_ID }),
      async acked() {
        const ends = await committed(GROUP_ID, topic)
        return ends.flatMap((end, partition) =>
          Array.from({ length: Number(end) }, (_, offset) => `${topic}/${partition}/${offset}`)
        )
      },
      async tearDown() {}
    }
  },
  unreachable: (over) => open(over, { URL: CLOSED }),
  refused: (over) => open(over, { PASSWORD: WRONG_PASSWORD })
}

function open(over: Partial<StreamSetup>, more: Readonly<Record<string, unknown>>): HopskotchAlertStream {
  const { saslSsl, caFile } = kafka()!
  const connection = { URL: saslSsl, SSL_CA_LOCATION: caFile, USERNAME: 'alice', PASSWORD }
  return new HopskotchAlertStream(options({ ...connection, SESSION_TIMEOUT: 6, ...more }), streamSetup(over))
}

function toRecord({ key, headers, bytes }: Published) {
  return { key: key && Buffer.from(key), value: bytes && Buffer.from(bytes), headers }
}
