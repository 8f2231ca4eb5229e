import { randomUUID } from 'node:crypto'
import type { Headers } from '../../contract/alert.ts'
import { headerOf } from '../../contract/headers.ts'

/** A message id as hop-client makes them: the 16 bytes of a random UUID. */
export function newId(): Uint8Array {
  return Buffer.from(randomUUID().replaceAll('-', ''), 'hex')
}

/** The message id that hop-client gave it, as UUID text. */
export function hopMessageId(headers: Headers): string | undefined {
  const id = headerOf(headers, '_id')
  if (id?.length !== 16) return undefined
  return Buffer.from(id)
    .toString('hex')
    .replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** What hop-client writes above a message, in its order. */
export function hopHeaders(format: string, sender: string | undefined, isTest: boolean): Headers {
  return [
    ['_id', newId()],
    ...(sender === undefined ? [] : [['_sender', Buffer.from(sender)] as const]),
    ...(isTest ? [['_test', Buffer.from('true')] as const] : []),
    ['_format', Buffer.from(format)]
  ]
}
