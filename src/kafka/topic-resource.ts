import type { Admin } from 'kafkajs'
import type { Logger } from '../contract/log.ts'
import type { Resource } from '../contract/resource.ts'
import { type Connection, clusterName, createKafka } from './client.ts'
import { hasType, targetError } from './errors.ts'

const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet }

/** A topic of a Kafka cluster, with as many partitions and replicas as the cluster gives of itself. */
export function kafkaTopicResource(topic: string, connection: Connection, baseDir: string): Resource {
  const where = clusterName(connection)
  const ask = async <T>(question: (admin: Admin) => Promise<T>): Promise<T> => {
    const retry = { retries: 3, initialRetryTime: 200, maxRetryTime: 1000 }
    let admin: Admin | undefined
    try {
      admin = (await createKafka(connection, quiet, baseDir, { retry })).admin()
      await admin.connect()
      return await question(admin)
    } catch (error) {
      throw targetError(error, where)
    } finally {
      await admin?.disconnect().catch(() => undefined)
    }
  }
  return {
    kind: 'Kafka topic',
    name: `${topic} at ${where}`,
    exists: () => ask(async (admin) => (await admin.listTopics()).includes(topic)),
    // Answers false where it is there already. Partitions and replicas: -1 stands for the broker's own defaults.
    create: () =>
      ask(async (admin) => {
        const topics = [{ topic, numPartitions: -1, replicationFactor: -1 }]
        await admin.createTopics({ topics, waitForLeaders: false })
      }),
    remove: () =>
      ask(async (admin) => {
        try {
          await admin.deleteTopics({ topics: [topic] })
        } catch (error) {
          if (!hasType(error, 'UNKNOWN_TOPIC_OR_PARTITION')) throw error
        }
      })
  }
}
