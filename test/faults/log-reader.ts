import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'

/** A record as the broker keeps it. */
export interface StoredRecord {
  readonly offset: number
  /** Milliseconds since 1970; when it was appended, for topics that are stamped so. */
  readonly time: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: ReadonlyMap<string, string>
}

const BATCH_HEADER = 61

/** The partitions of a topic on a broker's disk, in order. */
export function partitionsOf(dataFolder: string, topic: string): number[] {
  const pattern = new RegExp(`^${topic.replace(/[.]/g, '\\.')}-(\\d+)$`)
  const found = readdirSync(dataFolder).flatMap((name) => pattern.exec(name)?.[1] ?? [])
  return found.map(Number).sort((a, b) => a - b)
}

/**
 * Reads a partition from the broker's own files, record by record: no client library stands in between. Uncompressed
 * batches of the current format (magic 2) only.
 */
export function* readPartition(dataFolder: string, topic: string, partition: number): Generator<StoredRecord> {
  const folder = join(dataFolder, `${topic}-${partition}`)
  const segments = readdirSync(folder).filter((name) => name.endsWith('.log'))
  for (const name of segments.sort()) yield* readSegment(join(folder, name))
}

function* readSegment(path: string): Generator<StoredRecord> {
  const file = openSync(path, 'r')
  try {
    const start = Buffer.alloc(12)
    for (let at = 0; readSync(file, start, 0, 12, at) === 12; ) {
      const length = start.readInt32BE(8)
      if (length <= 0) return
      const batch = Buffer.alloc(12 + length)
      if (readSync(file, batch, 0, batch.length, at) < batch.length) return
      yield* readBatch(batch, path)
      at += batch.length
    }
  } finally {
    closeSync(file)
  }
}

function* readBatch(batch: Buffer, path: string): Generator<StoredRecord> {
  const attributes = batch.readInt16BE(21)
  if (batch.readInt8(16) !== 2) throw new Error(`${path}: a record batch of format ${batch.readInt8(16)}`)
  if ((attributes & 7) !== 0) throw new Error(`${path}: a compressed record batch`)
  if ((attributes & 0x20) !== 0) return
  const baseOffset = Number(batch.readBigInt64BE(0))
  const stamped = (attributes & 8) !== 0
  const baseTime = Number(batch.readBigInt64BE(27))
  const maxTime = Number(batch.readBigInt64BE(35))
  const count = batch.readInt32BE(57)
  const cursor = new Cursor(batch, BATCH_HEADER)
  for (let i = 0; i < count; i++) {
    cursor.varint()
    cursor.at += 1
    const timeDelta = cursor.varint()
    const offset = baseOffset + cursor.varint()
    const key = cursor.bytes()
    const value = cursor.bytes()
    const headers = new Map<string, string>()
    for (let left = cursor.varint(); left > 0; left--) {
      const name = cursor.bytes()!.toString('latin1')
      headers.set(name, cursor.bytes()?.toString() ?? '')
    }
    yield { offset, time: stamped ? maxTime : baseTime + timeDelta, key, value, headers }
  }
}

class Cursor {
  at: number
  readonly #buffer: Buffer

  constructor(buffer: Buffer, at: number) {
    this.#buffer = buffer
    this.at = at
  }

  /** Zigzag; by multiplication, since time differences may exceed 32 bits. */
  varint(): number {
    let value = 0
    let factor = 1
    for (;;) {
      const byte = this.#buffer[this.at++]!
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
      factor *= 128
    }
  }

  bytes(): Buffer | null {
    const length = this.varint()
    if (length < 0) return null
    this.at += length
    return this.#buffer.subarray(this.at - length, this.at)
  }
}
