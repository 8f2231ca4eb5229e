import { describe, expect, test } from 'vitest'
import type { Message } from '../../src/contract/alert.ts'
import type { Codec } from '../../src/contract/codec.ts'
import { codeOf } from '../../src/contract/errors.ts'
import { bitFlips, truncations } from './damage.ts'

/** What a codec's author supplies: messages with the values they hold. */
export interface CodecHarness {
  readonly codec: Codec
  readonly golden: readonly { readonly title: string; readonly message: Message; readonly value: unknown }[]
  /** Values that come back equal from the bytes and headers that the codec writes; empty where it can't write. */
  readonly roundTrips: readonly unknown[]
}

/** No message may take longer to decode, or to refuse. */
const PATIENCE_MS = 1000

/** What every codec owes its caller. */
export function codecContract(name: string, { codec, golden, roundTrips }: CodecHarness): void {
  describe(`${name}: the contract of a codec`, () => {
    test('has messages to be tested with', () => expect(golden).not.toHaveLength(0))

    describe.each(golden)('$title', ({ message, value }) => {
      test('decodes to the stored value, each time', async () => {
        expect(await codec.decode(message)).toEqual(value)
        expect(await codec.decode(message)).toEqual(value)
      })

      test('is not modified', async () => {
        const bytes = message.bytes ?? new Uint8Array()
        const before = Uint8Array.from(bytes)
        await codec.decode(message)
        expect(Buffer.compare(bytes, before)).toBe(0)
      })

      test('gives each field asked for as the full decode does', async () => {
        for (const path of fieldsOf(value)) {
          expect(valueAt(await codec.decode(message, [path]), path), path.join('.')).toEqual(valueAt(value, path))
        }
      })

      test('cut off anywhere, it decodes or is DECODE_FAILED', async () => {
        for (const bytes of truncations(message.bytes ?? new Uint8Array())) await survive(codec, { ...message, bytes })
      })

      test('with any bit flipped, it decodes or is DECODE_FAILED', async () => {
        for (const bytes of bitFlips(message.bytes ?? new Uint8Array())) await survive(codec, { ...message, bytes })
      })
    })

    test('gives null for a tombstone', async () => {
      expect(await codec.decode({ ...golden[0]!.message, bytes: null })).toBeNull()
    })

    test.each(roundTrips.map((value) => ({ value })))('reads back what it writes: $value', async ({ value }) => {
      expect(await codec.decode({ ...golden[0]!.message, ...codec.encode(value) })).toEqual(value)
    })
  })
}

async function survive(codec: Codec, message: Message): Promise<void> {
  // Processor time: a busy machine must not make it look slow.
  const before = process.cpuUsage()
  try {
    await codec.decode(message)
  } catch (error) {
    expect(codeOf(error, 'HANDLER_FAILED'), String(error)).toBe('DECODE_FAILED')
  }
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(PATIENCE_MS)
}

/** The paths of a record's fields, of those of the records in it, and of those in the first item of a list. */
export function fieldsOf(value: unknown, above: readonly string[] = []): readonly (readonly string[])[] {
  if (Array.isArray(value)) return fieldsOf(value[0], above)
  if (!isRecord(value)) return []
  return Object.keys(value).flatMap((name) => [[...above, name], ...fieldsOf(value[name], [...above, name])])
}

/** The value at a path; of a list, the values of its items. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  const [first, ...rest] = path
  if (first === undefined) return value
  if (Array.isArray(value)) return value.map((item) => valueAt(item, path))
  return isRecord(value) ? valueAt(value[first], rest) : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
