import { httpAddress } from '../codecs/offload/hosts.ts'
import { estimatedSize, identified, type LargeMessage, upload } from '../codecs/offload/upload.ts'
import type { CodecSetup } from '../contract/codec.ts'
import { codeOf, reasonOf } from '../contract/errors.ts'
import { declare, flag } from '../contract/options.ts'
import type { PlacedRecord } from '../kafka/cut.ts'
import { replaceRecord } from '../kafka/record.ts'
import { headersOf } from '../kafka/wire/index.ts'
import type { Offload } from '../kafka/writer.ts'

/** OFFLOAD: an address, or whether the broker is asked for one. */
export const offloadOption = declare<boolean | string>('flag or url', { type: ['boolean', 'string'] }, (value) => {
  const read = flag('', { required: true }).read(value)
  return 'problem' in read ? httpAddress('', { required: true }).read(value) : read
})

/** Stores messages that are too large for their topic at an HTTP service, and writes a Hopskotch placeholder instead. */
export class LargeMessages implements Offload {
  readonly #endpoint: () => Promise<string | undefined>
  readonly #credentials: CodecSetup['credentials']
  readonly #stored = new WeakSet<PlacedRecord>()

  constructor(endpoint: () => Promise<string | undefined>, credentials: CodecSetup['credentials']) {
    this.#endpoint = endpoint
    this.#credentials = credentials
  }

  isTooLarge(placed: PlacedRecord, limit: number): boolean {
    const message = messageOf(placed)
    return message !== undefined && estimatedSize(message) > limit
  }

  /** Dead letters are not stored elsewhere: their originals are kept whole, in a file where need be. */
  async replace(placed: PlacedRecord, signal: AbortSignal): Promise<boolean> {
    const given = messageOf(placed)
    if (given === undefined || placed.shrink !== undefined || this.#stored.has(placed)) return false
    const endpoint = await this.#endpoint()
    if (endpoint === undefined) return false
    const message = identified(given)
    // Kept over retries: the service knows it by its id.
    replaceRecord(placed, message.bytes, message.headers)
    try {
      const { bytes, headers } = await upload(endpoint, placed.target, message, this.#credentials, signal)
      replaceRecord(placed, bytes, headers)
      this.#stored.add(placed)
    } catch (error) {
      if (codeOf(error, 'SINK_UNAVAILABLE') !== 'SINK_REJECTED') throw error
      placed.refused = reasonOf(error)
    }
    return true
  }
}

/** Undefined for a tombstone. */
function messageOf({ record }: PlacedRecord): LargeMessage | undefined {
  const { value, key } = record
  if (!(value instanceof Uint8Array)) return undefined
  return { bytes: value, headers: headersOf(record as Parameters<typeof headersOf>[0]), key: key as Uint8Array | null }
}
