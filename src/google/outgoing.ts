import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { Headers } from '../contract/alert.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import type { Placed } from '../contract/sink.ts'
import { Attributes } from './attributes.ts'

/** A message as Pub/Sub takes it. */
export interface PubsubMessage {
  readonly data: Uint8Array
  readonly attributes: Record<string, string>
  /** Empty: no order. */
  readonly orderingKey: string
}

/** A message on its way to Pub/Sub. */
export interface PlacedMessage extends Placed {
  readonly message: PubsubMessage
  /** Already with Pub/Sub, from a write that failed later on. */
  written: boolean
  /** Why it can never be taken, once that is known. */
  refused?: string
}

export interface Content {
  readonly bytes: Uint8Array | null
  readonly key: Uint8Array | null
  readonly headers: Headers
  /** Of a dead letter: what is said beside the original, the most important first. They give way to the original. */
  readonly facts: Headers
}

/** Google's limit for a request, which holds for a single message too. */
export const MOST_BYTES = 10_000_000
/** What is left of it beside the request's own fields, of which the name of the topic is the longest. */
export const ROOM = MOST_BYTES - 512

/** Bytes of a message beside its data, attributes and ordering key, at most. */
const OVERHEAD = 20
const LONGEST_KEY = 1024
/** Without code, stream and topic it would be a message, and no dead letter. */
const NEEDED_FACTS = 3

/**
 * A message for Pub/Sub, and its size, which is never less than what Google counts. The key is an attribute,
 * alertstreams-key; where order is wanted it is the ordering key instead, or its SHA-256 is where Pub/Sub cannot take the
 * key itself. Since Pub/Sub takes no message that is quite empty, an empty value has the attribute alertstreams-value.
 * Throws `SINK_REJECTED`.
 */
export function toPubsub(content: Content, ordered: boolean): { message: PubsubMessage; bytes: number } {
  const { key, headers, facts } = content
  const data = content.bytes ?? new Uint8Array()
  const attributes = new Attributes()
  for (const [name, value] of headers) attributes.add(name, value)
  const orderingKey = ordered && key ? orderingKeyOf(key) : undefined
  if (key && orderingKey?.whole !== true) attributes.add('alertstreams-key', key)
  if (data.length === 0) attributes.add('alertstreams-value', Buffer.from(content.bytes === null ? 'null' : 'empty'))

  const bare = OVERHEAD + data.length + Buffer.byteLength(orderingKey?.text ?? '')
  const told = attributes.addFacts(facts, ROOM - bare)
  const bytes = bare + attributes.bytes
  if (bytes > ROOM) throw rejected(`it has ${bytes} bytes, and Pub/Sub takes at most ${MOST_BYTES} in a request`)
  if (told < Math.min(NEEDED_FACTS, facts.length)) throw rejected('it leaves no room for why it is a dead letter')
  return { message: { data, attributes: attributes.toRecord(), orderingKey: orderingKey?.text ?? '' }, bytes }
}

/** Not `whole`: it stands for a key that is no UTF-8 text, is empty or too long. */
function orderingKeyOf(key: Uint8Array): { readonly text: string; readonly whole: boolean } {
  if (key.length === 0) return { text: '', whole: false }
  if (key.length <= LONGEST_KEY && isUtf8(key)) return { text: Buffer.from(key).toString(), whole: true }
  return { text: createHash('sha256').update(key).digest('hex'), whole: false }
}

/** Google's own rule for names of topics. */
export function isTopicName(topic: string): boolean {
  return /^[A-Za-z][\w.~+%-]{2,254}$/.test(topic) && !/^goog/i.test(topic)
}

export function checkTopicName(topic: string): string {
  if (isTopicName(topic)) return topic
  throw rejected(`"${topic}" is no name for a Pub/Sub topic (3 to 255 letters, digits and -._~+%, a letter first)`)
}

function rejected(reason: string): AlertStreamsError {
  return new AlertStreamsError('SINK_REJECTED', reason)
}
