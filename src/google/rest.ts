import { reasonOf } from '../contract/errors.ts'
import { recordOf, textIn } from './answers.ts'
import { Status } from './status.ts'
import type { Tokens } from './tokens.ts'
import { before } from './waiting.ts'

/** A Google service, spoken to by HTTP and JSON. */
export interface RestService {
  /** `https://host/version/`, with the slash. */
  readonly base: string
  /** Undefined: an emulator, which wants none. */
  readonly tokens: Tokens | undefined
}

export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE'

/** What a service answered instead of what was asked for. `code` is one of google.rpc.Code, as `statusOf` reads it. */
export class RestError extends Error {
  readonly code: number
  /** Google's word for it: the reason in its older services (`quotaExceeded`), else the name of the code. */
  readonly reason: string
  /** What Google says about single parts of the request: by acknowledgement id, why it was refused. */
  readonly metadata: Readonly<Record<string, unknown>>
  /** The status of HTTP; undefined: there was no answer. */
  readonly http: number | undefined

  constructor(
    message: string,
    code: number,
    reason = '',
    metadata: Readonly<Record<string, unknown>> = {},
    http?: number
  ) {
    super(message)
    this.code = code
    this.reason = reason
    this.metadata = metadata
    this.http = http
  }
}

/**
 * One call. A body that is text is JSON already. A token that is refused is renewed once. Rejects with `RestError`, or
 * with the signal's reason.
 */
export async function call(
  service: RestService,
  method: Method,
  path: string,
  signal: AbortSignal,
  body?: unknown
): Promise<Answer> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  return exchange(service, method, `${service.base}${path}`, signal, { type: 'application/json', body: text })
}

export type Answer = Readonly<Record<string, unknown>>

/** The same at any URL of the service, with a body of any content type. */
export async function exchange(
  { tokens }: RestService,
  method: Method,
  url: string,
  signal: AbortSignal,
  { type, body }: { readonly type: string; readonly body: string | Uint8Array<ArrayBuffer> | undefined }
): Promise<Answer> {
  const send = async (token: string | undefined) => {
    const headers = { 'Content-Type': type, ...(token && { Authorization: `Bearer ${token}` }) }
    return fetch(url, { method, headers, signal, ...(body !== undefined && { body }) })
  }
  try {
    // Tokens come from elsewhere, and know no signal.
    const response = await send(tokens && (await before(signal, tokens.get())))
    if (response.status !== 401 || tokens === undefined) return await answerOf(response)
    await response.body?.cancel()
    return await answerOf(await send(await before(signal, tokens.renew())))
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (error instanceof TypeError) throw new RestError(networkReason(error), Status.UNAVAILABLE, 'unreachable')
    throw error
  }
}

/** Whether the same call may succeed later: nobody answered in time, or the service has too much to do. */
export function isPassing(error: unknown): boolean {
  if (error instanceof DOMException) return error.name === 'TimeoutError'
  if (!(error instanceof RestError)) return false
  return (
    PASSING.has(error.code) || /^(rateLimitExceeded|backendError|internalError|jobBackendError)$/.test(error.reason)
  )
}

const PASSING: ReadonlySet<number> = new Set([
  Status.RESOURCE_EXHAUSTED,
  Status.UNAVAILABLE,
  Status.INTERNAL,
  Status.DEADLINE_EXCEEDED,
  Status.ABORTED,
  Status.UNKNOWN
])

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text()
  if (response.ok) {
    const value = response.status === 204 ? null : parsed(text)
    // Nothing to be said, as after a deletion.
    const answer = value === null ? {} : recordOf(value)
    if (answer) return answer
    throw new RestError(`an answer that is no JSON: ${text.slice(0, 80)}`, Status.UNAVAILABLE)
  }
  const error = recordOf(recordOf(parsed(text))?.error)
  const said = textIn(error, 'message') ?? text.slice(0, 200)
  const [first] = Array.isArray(error?.errors) ? error.errors : []
  const reason = textIn(recordOf(first), 'reason') ?? textIn(error, 'status')
  const details = Array.isArray(error?.details) ? error.details.map((one) => recordOf(recordOf(one)?.metadata)) : []
  const code = codeOf(response.status, textIn(error, 'status'))
  throw new RestError(said || `HTTP ${response.status}`, code, reason, Object.assign({}, ...details), response.status)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Proxies between us and Google know HTTP only. */
function codeOf(http: number, name: string | undefined): number {
  const named = Object.entries(Status).find(([one]) => one === name)
  return named?.[1] ?? HTTP[http] ?? (http >= 500 ? Status.UNAVAILABLE : Status.INVALID_ARGUMENT)
}

const HTTP: Readonly<Record<number, number>> = {
  401: Status.UNAUTHENTICATED,
  403: Status.PERMISSION_DENIED,
  404: Status.NOT_FOUND,
  408: Status.DEADLINE_EXCEEDED,
  409: Status.ALREADY_EXISTS,
  412: Status.FAILED_PRECONDITION,
  429: Status.RESOURCE_EXHAUSTED,
  500: Status.INTERNAL
}

/** fetch itself says only that it failed. */
function networkReason(error: TypeError): string {
  return error.cause === undefined ? error.message : reasonOf(error.cause) || error.message
}
