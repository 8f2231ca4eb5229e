import { randomBytes } from 'node:crypto'
import type { Admin } from 'kafkajs'
import { committed, kafka, withAdmin } from '../setup/services.ts'

/** Connection options of a YAML file, for the listener with TLS. */
export function scram(user: 'alice' | 'bob'): Record<string, unknown> {
  const { saslSsl, caFile } = kafka()!
  return { URL: `kafka://${saslSsl}/`, USERNAME: user, PASSWORD: `${user}-secret`, SSL_CA_LOCATION: caFile }
}

export function plaintext(): Record<string, unknown> {
  return { URL: kafka()!.plaintext }
}

export function newName(name: string): string {
  return `${name}-${randomBytes(4).toString('hex')}`
}

/** How many messages a topic holds, by partition. */
export async function ends(admin: Admin, topic: string): Promise<number[]> {
  const offsets = await admin.fetchTopicOffsets(topic)
  return offsets.toSorted((a, b) => a.partition - b.partition).map(({ high }) => Number(high))
}

/** Whether a topic holds so many messages. */
export function holds(topic: string, count: number): () => Promise<boolean> {
  return () => withAdmin(async (admin) => sum(await ends(admin, topic)) >= count)
}

/** Whether the group has committed so many messages of a topic. */
export function hasCommitted(group: string, topic: string, count: number): () => Promise<boolean> {
  return async () => {
    // A broker that has just started may still be loading its groups.
    const offsets = await committed(group, topic).catch(() => [])
    return sum(offsets.map((offset) => Math.max(0, Number(offset)))) >= count
  }
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
