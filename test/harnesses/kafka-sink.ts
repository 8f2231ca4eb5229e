import type { AclEntry } from 'kafkajs'
import type { SinkSetup } from '../../src/contract/sink.ts'
import { kafkajs } from '../../src/kafka/wire/index.ts'
import { KafkaSink } from '../../src/sinks/kafka.ts'
import { type SinkHarness, sinkSetup } from '../contract/sink-bench.ts'
import { sinkOptions } from '../kafka/options.ts'
import { kafka, newTopic, readTopic, withAdmin } from '../setup/services.ts'

/** Nobody listens there. */
const CLOSED = '127.0.0.1:9'
const PASSWORD = 'alice-secret'

/** Topics of the Kafka of this test run, written with SCRAM over TLS. */
export const kafkaSink: SinkHarness = {
  promises: { ordered: true, keepsKey: true, keepsHeaders: true, keepsNull: true, breaks: true, rejects: true },
  secrets: [PASSWORD],
  async setUp() {
    const topic = await newTopic('contract', 2)
    return {
      topic,
      open: (over) => open(over, { TOPIC: topic }),
      async written() {
        const messages = await readTopic(topic)
        return messages.map(({ key, headers, value }) => ({ key, headers, bytes: value }))
      },
      breakTarget: () => withAdmin(async (admin) => void (await admin.createAcls({ acl: [denied(topic)] }))),
      mendTarget: () => withAdmin(async (admin) => void (await admin.deleteAcls({ filters: [denied(topic)] }))),
      impossible: () => ({ topic, key: 'one', value: new Uint8Array(1_200_000) }),
      async tearDown() {}
    }
  },
  unreachable: (over) => open(over, { TOPIC: 'anything', URL: CLOSED })
}

function open(over: Partial<SinkSetup>, more: Readonly<Record<string, unknown>>): KafkaSink {
  const { saslSsl, caFile } = kafka()!
  const connection = { URL: saslSsl, SSL_CA_LOCATION: caFile, USERNAME: 'alice', PASSWORD }
  return new KafkaSink(sinkOptions({ ...connection, ...more }), sinkSetup(over))
}

/** The broker then refuses what alice writes. */
export function denied(topic: string): AclEntry {
  return {
    principal: 'User:alice',
    host: '*',
    permissionType: kafkajs.AclPermissionTypes.DENY,
    operation: kafkajs.AclOperationTypes.WRITE,
    resourceType: kafkajs.AclResourceTypes.TOPIC,
    resourceName: topic,
    resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL
  }
}
