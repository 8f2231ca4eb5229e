import { AlertStreamsError, reasonOf } from '../contract/errors.ts'

/** For what a token is asked: the client credentials grant of OAuth 2. */
export interface Grant {
  readonly tokenUrl: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scope: string | undefined
}

/** Where the client's name and secret stand in the request: both are usual, and servers may know one of them only. */
export type Way = 'header' | 'body'

export interface Token {
  readonly value: string
  /** Milliseconds, from when it was asked for. */
  readonly life: number
}

/** For the whole answer. GCN's own clients found shorter ones to fail now and then. */
const TIMEOUT_MS = 10_000
/** Of a token whose answer does not say how long it lives. */
const USUAL_LIFE_MS = 300_000
/** What a bearer token may consist of (RFC 6750). */
const TOKEN = /^[\w.~+/-]+=*$/

/** Throws `CREDENTIALS_REFUSED` for a refusal in OAuth's own words, and `CONNECT_FAILED` for anything else. */
export async function requestToken(grant: Grant, way: Way): Promise<Token> {
  const { status, body } = await answerOf(grant, way)
  const { access_token: value, expires_in: seconds, error } = fieldsOf(body)
  if (status === 200 && typeof value === 'string' && TOKEN.test(value)) {
    const life = Number(seconds ?? Number.NaN)
    return { value, life: Number.isFinite(life) && life > 0 ? life * 1000 : USUAL_LIFE_MS }
  }
  if (status === 200) throw noToken(grant, 'its answer holds no token')
  // The rest of the answer is not shown: it may repeat the request, and with it the secret.
  const word = typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? error : undefined
  if (status !== 401 && (status !== 400 || word === undefined))
    throw noToken(grant, `its answer was ${status}${word === undefined ? '' : ` ${word}`}`)
  throw new AlertStreamsError('CREDENTIALS_REFUSED', `${grant.tokenUrl} gives no token: ${word ?? status}`, {
    remedy: 'Check CLIENT_ID, CLIENT_SECRET and SCOPE, and whether the credential has been disabled or has expired.'
  })
}

async function answerOf(grant: Grant, way: Way): Promise<{ status: number; body: string }> {
  try {
    const response = await fetch(grant.tokenUrl, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...requestOf(grant, way)
    })
    return { status: response.status, body: await response.text() }
  } catch (error) {
    throw noToken(grant, whyNoAnswer(error), error)
  }
}

function requestOf({ clientId, clientSecret, scope }: Grant, way: Way) {
  const body = new URLSearchParams({ grant_type: 'client_credentials' })
  if (scope !== undefined) body.set('scope', scope)
  const headers: Record<string, string> = { accept: 'application/json' }
  if (way === 'header') {
    const pair = [clientId, clientSecret].map((part) => new URLSearchParams({ '': part }).toString().slice(1)).join(':')
    headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`
  } else {
    body.set('client_id', clientId)
    body.set('client_secret', clientSecret)
  }
  return { headers, body }
}

/** JSON.parse names the text it stumbles over, and that may be a token: its message is dropped. */
function fieldsOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

/** fetch wraps what has happened. */
function whyNoAnswer(error: unknown): string {
  if (!(error instanceof Error)) return reasonOf(error)
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`
  return reasonOf(error.cause ?? error)
}

function noToken({ tokenUrl }: Grant, why: string, cause?: unknown): AlertStreamsError {
  return new AlertStreamsError('CONNECT_FAILED', `no token from ${tokenUrl}: ${why}`, {
    cause,
    remedy: 'Check TOKEN_URL, and that it can be reached from here.'
  })
}
