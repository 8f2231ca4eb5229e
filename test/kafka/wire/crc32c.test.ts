import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Checksum } from '../../../src/kafka/wire/crc32c.ts'
import { patchKafkajs } from '../../../src/kafka/wire/index.ts'
import { loadPart } from '../../../src/kafka/wire/replacement.ts'
import { pristine } from './pristine.ts'

const file = 'protocol/recordBatch/crc32C/index.js'

test('the native checksum is in place and equals that of kafkajs', () => {
  patchKafkajs()
  const ours = loadPart(file) as Checksum
  const theirs = pristine<Checksum>(file)
  expect(ours.toString()).not.toBe(theirs.toString())
  expect(ours(Buffer.from('123456789'))).toBe(0xe3069283)
  for (let round = 0; round < 500; round++) {
    const bytes = randomBytes(Math.floor(Math.random() ** 3 * 5000))
    const view = bytes.subarray(Math.min(round % 7, bytes.length))
    expect(ours(view)).toBe(theirs(view))
  }
})
