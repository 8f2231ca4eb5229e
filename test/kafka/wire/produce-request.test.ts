import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { kafkajs, patchKafkajs } from '../../../src/kafka/wire/index.ts'
import type { ProduceOptions } from '../../../src/kafka/wire/produce-request.ts'
import { loadPart } from '../../../src/kafka/wire/replacement.ts'
import { pristine } from './pristine.ts'

interface Request {
  readonly apiVersion: number
  readonly encode: () => Promise<{ readonly buffer: Buffer }>
}
type MakeRequest = (options: ProduceOptions) => Request
type CreateRequest = (sending: { correlationId: number; clientId: string; request: Request }) => Promise<{
  readonly buffer: Buffer
}>

const fileOf = (version: number) => `protocol/requests/produce/v${version}/request.js`
const now = Date.UTC(2026, 6, 1)

const bytes = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
  fc.string({ unit: 'grapheme', maxLength: 20 })
)
const headerValue = fc.oneof(
  fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array)),
  fc.string({ unit: 'grapheme', maxLength: 10 })
)
const headers = fc.dictionary(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.oneof(headerValue, fc.array(headerValue, { maxLength: 3 })),
  { maxKeys: 4 }
)
const message = fc.record(
  {
    key: bytes,
    value: bytes,
    headers,
    timestamp: fc.integer({ min: now - 4e9, max: now + 4e9 }).map((time) => String(time))
  },
  { requiredKeys: ['value'] }
)
const options = fc.record({
  acks: fc.constantFrom(-1, 0, 1),
  timeout: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  transactionalId: fc.constantFrom(undefined, undefined, 'transfer'),
  producerId: fc.constantFrom(undefined, -1, '0', '8123', String(2n ** 62n)),
  producerEpoch: fc.constantFrom(undefined, 0, 7),
  compression: fc.constantFrom(undefined, 0, 0, 1),
  topicData: fc.array(
    fc.record({
      topic: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
      partitions: fc.array(
        fc.record(
          {
            partition: fc.nat(100),
            firstSequence: fc.nat(2 ** 31 - 1),
            messages: fc.array(message, { minLength: 1, maxLength: 80 })
          },
          { requiredKeys: ['partition', 'messages'] }
        ),
        { maxLength: 3 }
      )
    }),
    { maxLength: 3 }
  )
})

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('produce requests', () => {
  test('every part of kafkajs could be replaced', () => {
    expect(patchKafkajs()).toEqual([])
    expect(kafkajs.CompressionTypes.ZSTD).toBe(4)
  })

  test('frames equal those of kafkajs, byte for byte', async () => {
    const ourFrame = loadPart('protocol/request.js') as CreateRequest
    const versions = new Map(
      [3, 4, 5, 6, 7].map((version) => {
        const [ours, theirs] = [loadPart(fileOf(version)) as MakeRequest, pristine<MakeRequest>(fileOf(version))]
        expect(theirs).not.toBe(ours)
        return [version, { ours, theirs }]
      })
    )
    expect(versions.get(3)?.theirs.toString()).not.toBe(versions.get(3)?.ours.toString())
    const theirFrame = pristine<CreateRequest>('protocol/request.js')
    await fc.assert(
      fc.asyncProperty(options, fc.constantFrom(3, 4, 5, 6, 7), fc.nat(), async (given, version, correlationId) => {
        const { ours, theirs } = versions.get(version)!
        const request = ours(given)
        expect(request.apiVersion).toBe(version)
        const sending = { correlationId, clientId: 'alertstreams-ü' }
        const expected = await theirFrame({ ...sending, request: theirs(given) })
        expect((await ourFrame({ ...sending, request })).buffer.equals(expected.buffer)).toBe(true)
        expect((await theirFrame({ ...sending, request })).buffer.equals(expected.buffer)).toBe(true)
      }),
      { numRuns: 300 }
    )
  })
})
