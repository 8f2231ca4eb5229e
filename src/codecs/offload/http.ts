import { reasonOf } from '../../contract/errors.ts'
import { ScramClient, type ScramCredentials } from './scram.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly body?: Uint8Array
  readonly credentials: ScramCredentials | undefined
  /** The most bytes that an answer may have. */
  readonly mostBytes: number
  readonly signal: AbortSignal
}

export interface HttpAnswer {
  readonly status: number
  /** Where it says that to go, for 3xx. */
  readonly location: string | undefined
  readonly bytes: Uint8Array
}

/** The answer has more bytes than were asked for. */
export class TooLarge extends Error {}

/** The server and we could not convince each other. */
export class AuthenticationFailed extends Error {}

/**
 * One request, with SCRAM over HTTP (RFC 7804) where there are credentials: the body goes out in the last round only,
 * and what a server answers that has not shown that it knows the password is not taken. Redirects are not followed.
 * Rejects with `TooLarge`, `AuthenticationFailed`, or any other error where there is no whole answer.
 */
export async function request(asked: HttpRequest): Promise<HttpAnswer> {
  const { credentials } = asked
  return credentials === undefined ? answerOf(await send(asked, asked.body), asked) : scramRequest(asked, credentials)
}

async function scramRequest(asked: HttpRequest, credentials: ScramCredentials): Promise<HttpAnswer> {
  const { mechanism } = credentials
  const scram = new ScramClient(credentials)
  const opened = await send(asked, undefined, `${mechanism} data=${base64(scram.first())}`)
  const challenge = opened.headers.get('www-authenticate')
  if (opened.status !== 401 || challenge === null) {
    // It answers anybody, or nobody.
    if (asked.body === undefined || !opened.ok) return answerOf(opened, asked)
    await opened.body?.cancel()
    throw new AuthenticationFailed('the server did not ask who we are, so the message was not sent')
  }
  await opened.body?.cancel()
  const { sid, data } = attributes(challenge, mechanism)
  if (sid === undefined || data === undefined)
    throw new AuthenticationFailed(`the server does not offer ${mechanism} as it should`)
  const proof = await authenticating(() => scram.final(text(data)))
  const closed = await send(asked, asked.body, `${mechanism} sid=${sid},data=${base64(proof)}`)
  if (closed.status < 400) {
    await authenticating(async () => {
      const info = attributes(closed.headers.get('authentication-info') ?? '')
      if (info.sid !== sid) throw new Error('the server ends another exchange than it began')
      scram.verify(text(info.data ?? ''))
    }).catch(async (error) => {
      await closed.body?.cancel()
      throw error
    })
  }
  return answerOf(closed, asked)
}

async function authenticating<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    throw new AuthenticationFailed(reasonOf(error), { cause: error })
  }
}

async function send({ method, url, signal }: HttpRequest, body: Uint8Array | undefined, authorization?: string) {
  try {
    return await fetch(url, {
      method,
      signal,
      redirect: 'manual',
      headers: { ...(authorization && { authorization }), ...(body && { 'content-type': 'application/bson' }) },
      ...(body && { body: body as Uint8Array<ArrayBuffer> })
    })
  } catch (error) {
    throw unanswered(error)
  }
}

async function answerOf(response: Response, { mostBytes }: HttpRequest): Promise<HttpAnswer> {
  const { status, headers } = response
  const parts: Uint8Array[] = []
  let size = 0
  if (Number(headers.get('content-length') ?? 0) > mostBytes) {
    await response.body?.cancel()
    throw new TooLarge(`it has ${headers.get('content-length')} bytes`)
  }
  try {
    for await (const part of response.body ?? []) {
      size += part.length
      if (size > mostBytes) throw new TooLarge(`it has more than ${mostBytes} bytes`)
      parts.push(part)
    }
  } catch (error) {
    throw error instanceof TooLarge ? error : unanswered(error)
  }
  return { status, location: headers.get('location') ?? undefined, bytes: Buffer.concat(parts) }
}

/** What fetch throws says little; its cause says more. */
function unanswered(error: unknown): Error {
  const { name, cause } = error as { name?: unknown; cause?: unknown }
  const reason = name === 'TimeoutError' ? 'no whole answer in time' : reasonOf(cause ?? error)
  return new Error(reason || 'the connection failed', { cause: error })
}

/** The attributes of a header, of one mechanism where several are offered. */
function attributes(header: string, mechanism = ''): Partial<Record<string, string>> {
  const start = header.toLowerCase().indexOf(mechanism.toLowerCase())
  if (start < 0) return {}
  const found = header.slice(start + mechanism.length).matchAll(/(\w+)="?([^",\s]+)"?/g)
  const pairs = [...found].map(([, name, value]) => [name!.toLowerCase(), value!] as const)
  // The first counts: what follows may be of another mechanism.
  return Object.fromEntries(pairs.reverse())
}

function base64(value: string): string {
  return Buffer.from(value).toString('base64')
}

function text(value: string): string {
  return Buffer.from(value, 'base64').toString()
}
