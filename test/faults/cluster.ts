import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs, { type Admin, type Kafka } from 'kafkajs'
import { type RunningKafka, startKafka } from '../services/kafka.ts'
import { freePorts } from '../services/process.ts'
import { inputTopics, PARTITIONS, SMALL_LIMIT } from './alerts.ts'
import { TcpProxy } from './proxy.ts'

/** A broker that can be killed, the source's and the sink's way to it through a proxy each, and a way of our own. */
export interface Cluster {
  readonly kafka: RunningKafka
  readonly client: Kafka
  readonly admin: Admin
  readonly source: TcpProxy
  readonly sink: TcpProxy
  createTopic(topic: string, partitions?: number, config?: Readonly<Record<string, string>>): Promise<void>
  close(): Promise<void>
}

export const outputTopics = ['out', 'out-small', 'dead'] as const

async function isThere(admin: Admin, topic: string): Promise<boolean> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    return topics[0]!.partitions.every(({ leader }) => leader >= 0)
  } catch {
    return false
  }
}

export async function startCluster(): Promise<Cluster> {
  const [sourcePort, sourceProxy, sinkPort, sinkProxy] = (await freePorts(4)) as [number, number, number, number]
  const listeners = [
    { name: 'SOURCE', port: sourcePort, advertisedPort: sourceProxy },
    { name: 'SINK', port: sinkPort, advertisedPort: sinkProxy }
  ]
  const kafka = await startKafka({ name: 'faults', listeners })
  const source = new TcpProxy(sourceProxy, sourcePort)
  const sink = new TcpProxy(sinkProxy, sinkPort)
  await Promise.all([source.listen(), sink.listen()])
  const client = new kafkajs.Kafka({
    clientId: 'faults',
    brokers: [kafka.brokers.plaintext],
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries: 8, initialRetryTime: 100, maxRetryTime: 1000 }
  })
  const admin = client.admin()
  await admin.connect()
  const createTopic: Cluster['createTopic'] = async (topic, partitions = PARTITIONS, config = {}) => {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: partitions, configEntries }] })
    // kafkajs' own wait gives up when the broker does not know the topic yet.
    while (!(await isThere(admin, topic))) await sleep(50)
  }
  const close = async () => {
    await Promise.all([source.close(), sink.close()])
    await admin.disconnect().catch(() => {})
    await kafka.remove()
  }
  for (const topic of inputTopics) await createTopic(topic)
  // The broker's clock says when something came out: the oracle needs it.
  const stamped = { 'message.timestamp.type': 'LogAppendTime' }
  await createTopic('out', PARTITIONS, stamped)
  await createTopic('out-small', PARTITIONS, { ...stamped, 'max.message.bytes': String(SMALL_LIMIT) })
  await createTopic('dead', 1, stamped)
  return { kafka, client, admin, source, sink, createTopic, close }
}
