import fc from 'fast-check'
import { expect, test } from 'vitest'
import { groupByPartition } from '../../../src/kafka/wire/partition-groups.ts'
import { pristine } from './pristine.ts'

const partitioner = ({ message }: { message: { partition: number } }) => message.partition

test('messages are grouped as kafkajs does it', () => {
  const theirs = pristine<typeof groupByPartition>('producer/groupMessagesPerPartition.js')
  const message = fc.record({ partition: fc.nat(5), value: fc.string() })
  fc.assert(
    fc.property(fc.array(message), fc.constantFrom([], [{}]), (messages, partitionMetadata) => {
      const grouping = { topic: 't', partitionMetadata, messages, partitioner }
      expect(groupByPartition(grouping)).toEqual(theirs(grouping))
    })
  )
})
