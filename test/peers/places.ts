import { OffloadService } from '../fakes/offload-service.ts'
import { PubsubServer } from '../google/server.ts'
import { startKafka } from '../services/kafka.ts'
import { kafkaClient, pubsub } from '../setup/services.ts'
import type { Case } from './cases.ts'
import { startRegistry } from './registry.ts'

/** Known to the broker and to the service for large messages. */
export const alice = { username: 'alice', password: 'alice-secret', mechanism: 'SCRAM-SHA-512' }

/** Of a topic whose messages are to be too large. */
const SMALL = 2000

/** Where the peers and our program find each other: names and addresses. */
export interface Places {
  readonly kafka: string
  readonly saslPlaintext: string
  readonly saslSsl: string
  readonly caFile: string
  /** host:port */
  readonly pubsub: string
  readonly project: string
  readonly registry: string
  /** Where messages lie that are too large for their topic. */
  readonly offload: string
}

export interface OpenPlaces extends AsyncDisposable {
  readonly places: Places
  createTopic(name: string, one: Case): Promise<void>
}

/** A Kafka of its own, since what Hopskotch's clients are told in sys.metadata holds for a whole broker. */
export async function openPlaces(): Promise<OpenPlaces> {
  const stack = new AsyncDisposableStack()
  const { brokers, caFile, remove } = await startKafka({ name: 'peers' })
  stack.defer(remove)
  const admin = kafkaClient({ brokers: [brokers.plaintext] }).admin()
  await admin.connect()
  stack.defer(() => admin.disconnect())
  const registry = await startRegistry()
  stack.defer(registry.close)
  const service = stack.use(await OffloadService.start())
  service.credentials = alice
  const server = new PubsubServer(pubsub()!.host)
  const project = await server.newTopic('unused')
  const kafkaTopic = (topic: string, limit?: number) => {
    const configEntries = limit === undefined ? [] : [{ name: 'max.message.bytes', value: String(limit) }]
    return admin.createTopics({ topics: [{ topic, configEntries }], waitForLeaders: true })
  }
  await kafkaTopic('sys.metadata')
  const producer = kafkaClient({ brokers: [brokers.plaintext] }).producer()
  await producer.connect()
  const value = JSON.stringify({ LargeMessageUploadEndpoint: service.endpoint })
  await producer.send({ topic: 'sys.metadata', messages: [{ value }] })
  await producer.disconnect()
  const { plaintext: kafka, ...sasl } = brokers
  const places = { pubsub: server.host, project, registry: registry.url, offload: service.endpoint }
  return {
    places: { kafka, ...sasl, caFile, ...places },
    async createTopic(topic, { by, large }) {
      if (by === undefined) return void (await kafkaTopic(topic, large ? SMALL : undefined))
      await server.call('PUT', `projects/${project}/topics/${topic}`)
      await server.newSubscription(project, topic)
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync()
  }
}
