import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib'
import { isBson } from '../../src/codecs/bson/reader.ts'
import { isWrapped } from '../../src/codecs/unwrap.ts'
import type { Headers, Message } from '../../src/contract/alert.ts'
import type { Random } from '../../src/generate/random.ts'
import { headerLength } from './header.ts'

/** `from`: where its values begin. */
type Mutation = (bytes: Buffer, random: Random, other: Buffer, from: number) => Buffer

/** No message grows beyond this. */
const MOST_BYTES = 2 * 1024 * 1024

/** Numbers where a length or a count is read, in the ways in which formats write them. */
const EXTREMES = [
  'ffffff7f', // int32, little-endian
  '7fffffff',
  'ffffffff',
  '00000080',
  'ffffffffffffffff01', // varints
  'feffffffffffffffff01',
  'ffffffffffffffffff7f',
  'feffffff0f',
  '80808080808080808001',
  '808004',
  '00',
  '01',
  '7f'
].map((hex) => Buffer.from(hex, 'hex'))

const WORDS = [
  'NaN',
  '-Infinity',
  '1e999',
  '123456789012345678901',
  '[[[[',
  '{"a":',
  '"',
  '\\u',
  '&#0;',
  '<a>',
  ']]>',
  '\0'
].map((text) => Buffer.from(text))

const mutations: readonly Mutation[] = [
  function truncate(bytes, random, _other, from) {
    return bytes.subarray(0, at(bytes, random, from))
  },
  function flipBits(bytes, random, _other, from) {
    const copy = Buffer.from(bytes)
    for (let count = random.integer(1, 4); count > 0 && copy.length > 0; count--) {
      copy[at(copy, random, from)]! ^= 1 << random.integer(0, 7)
    }
    return copy
  },
  function setBytes(bytes, random, _other, from) {
    const start = at(bytes, random, from)
    return Buffer.from(bytes).fill(random.integer(0, 255), start, Math.min(bytes.length, start + random.integer(1, 8)))
  },
  function wrongLength(bytes, random, _other, from) {
    return overwrite(bytes, at(bytes, random, from), random.pick(EXTREMES))
  },
  function insertWord(bytes, random, _other, from) {
    const start = at(bytes, random, from)
    return Buffer.concat([bytes.subarray(0, start), random.pick(WORDS), bytes.subarray(start)])
  },
  function cutOut(bytes, random, _other, from) {
    const [start, end] = range(bytes, random, from)
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)])
  },
  function repeat(bytes, random, _other, from) {
    const [start, end] = range(bytes, random, from)
    const times = Math.min(random.pick([2, 3, 10, 1000]), Math.floor(MOST_BYTES / (end - start + 1)))
    const repeated = Array<Buffer>(times).fill(bytes.subarray(start, end))
    return Buffer.concat([bytes.subarray(0, start), ...repeated, bytes.subarray(end)])
  },
  function splice(bytes, random, other, from) {
    return Buffer.concat([bytes.subarray(0, at(bytes, random, from)), other.subarray(at(other, random, 0))])
  },
  function transplant(bytes, random, other, from) {
    const [start, end] = range(other, random, 0)
    return overwrite(bytes, at(bytes, random, from), other.subarray(start, end))
  }
]

/** A damaged copy. What is compressed is mostly damaged inside and compressed again: else the checksum finds it. */
export function mutate(message: Message, random: Random, other: Message): Message {
  const donor = Buffer.from(other.bytes ?? [])
  const whole = Buffer.from(message.bytes ?? [])
  const chance = random.next()
  if (message.key !== null && chance < 0.15)
    return { ...message, key: damaged(Buffer.from(message.key), random, donor) }
  if (message.headers.length > 0 && chance < 0.05)
    return { ...message, headers: headersOf(message.headers, random, donor) }
  return {
    ...message,
    bytes: isWrapped(whole) && chance < 0.8 ? inside(whole, random, donor) : damaged(whole, random, donor)
  }
}

function inside(wrapped: Buffer, random: Random, donor: Buffer): Buffer {
  const isGzip = wrapped[0] === 0x1f
  const opened = isGzip ? gunzipSync(wrapped) : inflateSync(wrapped)
  const mutated = Buffer.from(damaged(opened, random, donor))
  // Else nearly all would be refused for a length that is not theirs.
  if (isBson(opened) && mutated.length > 4 && random.next() < 0.8) mutated.writeInt32LE(mutated.length)
  return isGzip ? gzipSync(mutated, { level: 1 }) : deflateSync(mutated, { level: 1 })
}

function damaged(bytes: Buffer, random: Random, donor: Buffer): Buffer {
  const from = headerLength(bytes)
  let mutated = bytes
  for (let count = random.pick([1, 1, 1, 2, 3]); count > 0; count--) {
    mutated = random.pick(mutations)(mutated, random, donor, from).subarray(0, MOST_BYTES)
  }
  return mutated
}

function headersOf(headers: Headers, random: Random, donor: Buffer): Headers {
  const which = random.integer(0, headers.length - 1)
  return headers.map(([name, value], index) =>
    index === which ? [name, value && damaged(Buffer.from(value), random, donor)] : [name, value]
  )
}

/** Anywhere, or, more often, among the values: a header may be the larger part by far. */
function at(bytes: Buffer, random: Random, from: number): number {
  const first = random.next() < 0.7 && from < bytes.length ? from : 0
  return bytes.length === 0 ? 0 : random.integer(first, bytes.length - 1)
}

function range(bytes: Buffer, random: Random, from: number): [number, number] {
  const start = at(bytes, random, from)
  return [start, Math.min(bytes.length, start + random.pick([1, 2, 4, 8, 32, 128]))]
}

function overwrite(bytes: Buffer, start: number, by: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, start), by, bytes.subarray(start + by.length)])
}
