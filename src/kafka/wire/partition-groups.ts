import type { Replacement } from './replacement.ts'

interface Grouping<Message> {
  readonly topic: string
  readonly partitionMetadata: readonly unknown[]
  readonly messages: readonly Message[]
  partitioner(choice: { topic: string; partitionMetadata: readonly unknown[]; message: Message }): number
}

/** Messages by partition, in their order. kafkajs copies a partition's list for every message that it adds to it. */
export function groupByPartition<Message>(grouping: Grouping<Message>): Record<number, Message[]> {
  const { topic, partitionMetadata, messages, partitioner } = grouping
  const groups: Record<number, Message[]> = {}
  if (partitionMetadata.length === 0) return groups
  for (const message of messages) {
    const partition = partitioner({ topic, partitionMetadata, message })
    const group = groups[partition]
    if (group === undefined) groups[partition] = [message]
    else group.push(message)
  }
  return groups
}

export const partitionGroups: Replacement = {
  what: 'grouping by partition in linear time',
  file: 'producer/groupMessagesPerPartition.js',
  sha256: 'ea72357721fbf67770b5e06b9bf4260faa1e60f3affb556bff2cc7892c1881fb',
  heldBy: ['producer/sendMessages.js'],
  make: () => groupByPartition
}
