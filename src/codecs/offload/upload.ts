import type { Headers } from '../../contract/alert.ts'
import { AlertStreamsError, reasonOf } from '../../contract/errors.ts'
import { hopHeaders, hopMessageId, newId } from '../hop/headers.ts'
import { encodeJson } from '../json.ts'
import { type StoredMessage, writeUpload } from './document.ts'
import { AuthenticationFailed, request } from './http.ts'
import { type ScramCredentials, scramOf } from './scram.ts'

/** Seconds. */
const TIMEOUT = 60
const MOST_ANSWER = 64 * 1024

export type LargeMessage = Omit<StoredMessage, 'timestamp'>

/** What is written in the place of a message that lies elsewhere. */
export interface Written {
  readonly bytes: Uint8Array
  readonly headers: Headers
}

/** The size that Hopskotch's clients reckon with: a topic takes messages up to its `max.message.bytes`. */
export function estimatedSize({ bytes, headers, key }: LargeMessage): number {
  const ofHeaders = headers.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + (value?.length ?? 0) + 2, 0)
  return 70 + bytes.length + (key?.length ?? 0) + ofHeaders
}

/** The same message with an `_id` of its own, which a service knows it by, where it has none. */
export function identified(message: LargeMessage): LargeMessage {
  if (hopMessageId(message.headers) !== undefined) return message
  return { ...message, headers: [...message.headers.filter(([name]) => name !== '_id'), ['_id', newId()]] }
}

/**
 * Stores an identified message at a service, and answers the placeholder to write instead. Throws `SINK_UNAVAILABLE` while
 * the service or its operator is at fault, and `SINK_REJECTED` for a message that it will never take.
 */
export async function upload(
  endpoint: string,
  topic: string,
  message: LargeMessage,
  credentials: ScramCredentials | undefined,
  signal: AbortSignal
): Promise<Written> {
  const status = await post(`${endpoint}/topic/${topic}+oversized`, writeUpload(message), credentials, signal)
  if (status < 200 || status >= 300) throw statusError(endpoint, status)
  return placeholder(endpoint, message, credentials?.username)
}

async function post(
  url: string,
  body: Uint8Array,
  credentials: ScramCredentials | undefined,
  signal: AbortSignal
): Promise<number> {
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT * 1000)])
  try {
    const known = scramOf(credentials)
    return (await request({ method: 'POST', url, body, credentials: known, mostBytes: MOST_ANSWER, signal: inTime }))
      .status
  } catch (error) {
    const remedy =
      error instanceof AuthenticationFailed
        ? 'Check USERNAME, PASSWORD, MECHANISM and OFFLOAD.'
        : 'Check OFFLOAD and that it can be reached from here.'
    throw new AlertStreamsError('SINK_UNAVAILABLE', `${url}: ${reasonOf(error)}`, { cause: error, remedy })
  }
}

/** What an operator can mend, or time, is no reason to put the message aside. */
const PASSING = [401, 403, 404, 407, 408, 425, 429, 502, 503, 504]

function statusError(endpoint: string, status: number): AlertStreamsError {
  // A redirect has stored nothing.
  const passing = status < 400 || PASSING.includes(status)
  return new AlertStreamsError(
    passing ? 'SINK_UNAVAILABLE' : 'SINK_REJECTED',
    `${endpoint} does not store the message, which is too large for its topic: HTTP ${status}`,
    passing ? { remedy: 'Check OFFLOAD, USERNAME and PASSWORD, and the permission to write to the topic.' } : {}
  )
}

function placeholder(endpoint: string, { headers }: LargeMessage, username: string | undefined): Written {
  const url = `${endpoint}/msg/${hopMessageId(headers)}`
  const isTest = headers.some(
    ([name, value]) => name === '_test' && value !== null && Buffer.from(value).toString() === 'true'
  )
  return { bytes: encodeJson({ url }), headers: hopHeaders('external', username, isTest) }
}
