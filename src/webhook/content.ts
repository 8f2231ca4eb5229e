import { hash } from 'node:crypto'
import { lineOf } from '../archive/message-line.ts'
import { stringifyJson } from '../codecs/json-text.ts'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import type { Outgoing, Source } from '../contract/sink.ts'
import { chatBody, chats, type Facts, fill, jsonEscape } from './template.ts'

export interface Content {
  readonly body: Uint8Array
  readonly type: string
  /** What people read of it, where the template is for them. */
  readonly text: string | undefined
}

export interface Templates {
  readonly template: string | undefined
  readonly text: string | undefined
}

const DEAD_LETTER = 'Dead letter of {stream}, topic {topic}: {code}: {reason}'
const USUAL = 'Alert {id} of {stream}, topic {topic}'
const JSON_TYPE = 'application/json'

/** Throws `SINK_REJECTED` for a message that cannot be decoded, and a value that has no JSON. */
export function contentOf(outgoing: Outgoing, source: Source, { template, text }: Templates): Content {
  const { failure, message, stream } = source
  if (template === undefined) {
    if (failure === undefined) return plainContent(payloadOf(outgoing, source))
    const content = { key: bytesOf(outgoing.key), headers: message.headers, bytes: bytesOf(outgoing.value) }
    return { body: Buffer.from(lineOf(source, content)), type: JSON_TYPE, text: undefined }
  }
  const payload = failure ?? payloadOf(outgoing, source)
  const facts: Facts = { payload, stream, topic: outgoing.topic ?? message.topic, id: message.id }
  const chat = Object.hasOwn(chats, template) ? chats[template] : undefined
  if (chat !== undefined) {
    const given = failure === undefined ? text : DEAD_LETTER
    // A handler's text is its own words, and may hold links.
    const words =
      typeof payload === 'string' && given === undefined ? payload : fill(given ?? USUAL, facts, chat.escaped)
    return { body: Buffer.from(chatBody(words)), type: JSON_TYPE, text: words }
  }
  const isJson = /^\s*[{[]\s*["{[\]}]/.test(template)
  if (isJson) return { body: Buffer.from(fill(template, facts, jsonEscape)), type: JSON_TYPE, text: undefined }
  const filled = fill(failure === undefined ? template : DEAD_LETTER, facts)
  return { body: Buffer.from(filled), type: 'text/plain; charset=utf-8', text: filled }
}

/** The same for the same message on every redelivery; `count` tells apart what one message was made into. */
export function idempotencyKey({ stream, message, failure }: Source, count: number): string {
  const parts = [stream, message.topic, message.id, count, failure === undefined ? '' : 'dead letter']
  return hash('sha256', parts.join('\n')).slice(0, 32)
}

function plainContent(payload: unknown): Content {
  if (payload instanceof Uint8Array) return { body: payload, type: 'application/octet-stream', text: undefined }
  try {
    return { body: Buffer.from(stringifyJson(payload)), type: JSON_TYPE, text: undefined }
  } catch (error) {
    throw refused(`it cannot be written as JSON: ${reasonOf(error)}`, error)
  }
}

/** What came as it is goes on decoded; bytes of a handler are themselves. */
function payloadOf({ value }: Outgoing, source: Source): unknown {
  if (!(value instanceof Uint8Array) || value !== source.message.bytes) return value
  try {
    return source.payload()
  } catch (error) {
    throw refused(reasonOf(error), error)
  }
}

function bytesOf(value: unknown): Uint8Array | null {
  return typeof value === 'string' ? Buffer.from(value) : value instanceof Uint8Array ? value : null
}

function refused(reason: string, cause: unknown): AlertStreamsError {
  return new AlertStreamsError('SINK_REJECTED', reason, { cause })
}
