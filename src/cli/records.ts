import { isAvroContainer } from '../codecs/avro/container.ts'
import { AvroCursor } from '../codecs/avro/cursor.ts'
import { type Wanted, wantedOf } from '../codecs/avro/wanted.ts'
import type { FieldPaths, Message } from '../contract/alert.ts'
import type { Codec } from '../contract/codec.ts'
import { AlertStreamsError } from '../contract/errors.ts'

/** Bytes of an Avro container's marker between blocks. */
const SYNC = 16

/**
 * The values of a message, fields that were not asked for left out: one, or the records of an Avro container file one
 * after another. Throws `DECODE_FAILED`, or `FETCH_FAILED` where what is needed does not come within `seconds`.
 */
export async function* valuesOf(
  codec: Codec,
  message: Message,
  { fields, seconds }: { readonly fields: FieldPaths | undefined; readonly seconds: number }
): AsyncGenerator<unknown> {
  const whole = await prepared(codec, message, seconds)
  const wanted = fields && wantedOf(fields)
  for (const [part, isList] of partsOf(codec, whole)) {
    const value = codec.decode(part, fields)
    for (const one of isList && Array.isArray(value) ? value : [value]) yield wanted ? projected(one, wanted) : one
  }
}

async function prepared(codec: Codec, message: Message, seconds: number): Promise<Message> {
  const signal = AbortSignal.timeout(seconds * 1000)
  try {
    return (await codec.prepare?.(message, signal)) ?? message
  } catch (cause) {
    if (!signal.aborted) throw cause
    const remedy = 'Give more time with --timeout, or see whether the host answers.'
    throw new AlertStreamsError('FETCH_FAILED', `What is needed to decode it did not come within ${seconds} s`, {
      cause,
      remedy
    })
  }
}

/** A container file may be longer than a message may be: each of its blocks is decoded as a container of its own. */
function* partsOf(codec: Codec, message: Message): Generator<readonly [part: Message, isList: boolean]> {
  const { bytes } = message
  const file = bytes !== null && codec.projects?.(message) && isAvroContainer(bytes) ? cut(bytes) : undefined
  if (file === undefined) return yield [message, false]
  for (const block of file.blocks) {
    const bytes = Buffer.concat([file.header, block.bytes])
    if (block.records > 0) yield [{ ...message, bytes, size: bytes.length }, block.records > 1]
  }
}

interface Cut {
  readonly header: Uint8Array
  readonly blocks: readonly { readonly records: number; readonly bytes: Uint8Array }[]
}

/** A container's parts. Undefined where it is broken or has no block: that is for the codec to say. */
function cut(bytes: Uint8Array): Cut | undefined {
  try {
    const cursor = new AvroCursor(bytes)
    skipHeader(cursor)
    const header = bytes.subarray(0, cursor.position)
    const blocks: { records: number; bytes: Uint8Array }[] = []
    while (cursor.left > 0) {
      const start = cursor.position
      const records = Number(cursor.long())
      cursor.skipBytes()
      cursor.skip(SYNC)
      blocks.push({ records, bytes: bytes.subarray(start, cursor.position) })
    }
    return blocks.some(({ records }) => records > 0) ? { header, blocks } : undefined
  } catch {
    return undefined
  }
}

/** The magic, the metadata (a map of bytes) and the sync marker. */
function skipHeader(cursor: AvroCursor): void {
  cursor.skip(4)
  for (let entries = cursor.long(); entries !== 0; entries = cursor.long()) {
    if (entries < 0) cursor.skipLong()
    for (let left = Math.abs(Number(entries)); left > 0; left--) {
      cursor.skipBytes()
      cursor.skipBytes()
    }
  }
  cursor.skip(SYNC)
}

/** What `fields` name, in the payload's own order; lists are looked through to their items. */
function projected(value: unknown, wanted: Wanted): unknown {
  if (wanted === 'all') return value
  if (Array.isArray(value)) return value.map((item) => projected(item, wanted))
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  const members = Object.entries(value).flatMap(([name, member]) => {
    const below = wanted.get(name)
    return below === undefined ? [] : [[name, projected(member, below)] as const]
  })
  return Object.fromEntries(members)
}
