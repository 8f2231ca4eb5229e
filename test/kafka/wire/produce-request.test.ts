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
interface Produce {
  protocol(choice: { version: number }): (options: ProduceOptions) => { readonly request: Request }
}
type CreateRequest = (sending: { correlationId: number; clientId: string; request: Request }) => Promise<{
  readonly buffer: Buffer
}>

const produceFile = 'protocol/requests/produce/index.js'
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
    const ours = loadPart(produceFile) as Produce
    const ourFrame = loadPart('protocol/request.js') as CreateRequest
    const theirs = pristine<Produce>(produceFile)
    const theirFrame = pristine<CreateRequest>('protocol/request.js')
    await fc.assert(
      fc.asyncProperty(options, fc.constantFrom(3, 4, 5, 6, 7), fc.nat(), async (given, version, correlationId) => {
        const request = ours.protocol({ version })(given).request
        const sending = { correlationId, clientId: 'alertstreams-ü' }
        const expected = await theirFrame({ ...sending, request: theirs.protocol({ version })(given).request })
        expect((await ourFrame({ ...sending, request })).buffer.equals(expected.buffer)).toBe(true)
        expect((await theirFrame({ ...sending, request })).buffer.equals(expected.buffer)).toBe(true)
      }),
      { numRuns: 300 }
    )
  })
})
