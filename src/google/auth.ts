import { readFile } from 'node:fs/promises'
import { type AuthClient, GoogleAuth, JWT, PassThroughClient, UserRefreshClient } from 'google-auth-library'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import { keptLogin, LOGIN, readTokenFile, writeTokenFile } from './token-file.ts'

/**
 * Who one is. The first of: keyFile, tokenFile, what GOOGLE_APPLICATION_CREDENTIALS names, a kept login, application
 * default credentials.
 */
export interface Credentials {
  /** A service account key, absolute. */
  readonly keyFile: string | undefined
  /** A kept login, absolute. */
  readonly tokenFile?: string | undefined
  readonly scopes: readonly string[]
  /** Instead of the global one. */
  readonly fetch?: typeof fetch
}

/**
 * Loads credentials and gets a first token with them. Throws `CREDENTIALS_REFUSED`, or `CONNECT_FAILED` when the token
 * server cannot be reached. `place` begins the message.
 */
export async function authorize(credentials: Credentials, place: string): Promise<AuthClient> {
  const client = await clientOf(credentials, place)
  try {
    await client.getAccessToken()
  } catch (error) {
    throw tokenError(error, place)
  }
  return client
}

async function clientOf(credentials: Credentials, place: string): Promise<AuthClient> {
  if (credentials.keyFile) return serviceAccount(credentials.keyFile, credentials, place)
  const login = credentials.tokenFile ?? (process.env.GOOGLE_APPLICATION_CREDENTIALS ? undefined : keptLogin())
  return login === undefined ? applicationDefault(credentials, place) : user(login, credentials, place)
}

/** For an emulator: no credentials, and no search for any. */
export function anonymous(): AuthClient {
  return new PassThroughClient()
}

async function serviceAccount(file: string, { scopes, fetch }: Credentials, place: string): Promise<AuthClient> {
  const refused = (problem: string) =>
    new AlertStreamsError('CREDENTIALS_REFUSED', `${place}: KEY_FILE ${file} ${problem}`, {
      remedy: "Set KEY_FILE to the JSON key of a service account, as Google's console writes it."
    })
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw refused(`cannot be read: ${reasonOf(error)}`)
  })
  const key = parsed(text)
  if (key === undefined) throw refused('is not JSON')
  if (typeof key.client_email !== 'string' || typeof key.private_key !== 'string') {
    throw refused('is not a service account key: it has no client_email or no private_key')
  }
  return new JWT({
    email: key.client_email,
    key: key.private_key,
    scopes: [...scopes],
    ...(fetch && { transporterOptions: { fetchImplementation: fetch } })
  })
}

async function user(file: string, { fetch }: Credentials, place: string): Promise<AuthClient> {
  const login = await readTokenFile(file, place)
  const client = new UserRefreshClient({
    clientId: login.client_id,
    clientSecret: login.client_secret,
    refreshToken: login.refresh_token,
    endpoints: { oauth2TokenUrl: login.token_uri },
    ...(fetch && { transporterOptions: { fetchImplementation: fetch } })
  })
  // Some servers give a new one with each access token, and the old one ends.
  client.on('tokens', ({ refresh_token }) => {
    if (!refresh_token || refresh_token === login.refresh_token) return
    client._refreshToken = refresh_token
    writeTokenFile(file, { ...login, refresh_token }).catch(() => {})
  })
  return client
}

/** JSON.parse names the text it stumbles over, and that may be the key: its message is dropped. */
function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return undefined
  }
}

async function applicationDefault({ scopes, fetch }: Credentials, place: string): Promise<AuthClient> {
  const clientOptions = fetch && { transporterOptions: { fetchImplementation: fetch } }
  try {
    return await new GoogleAuth({ scopes: [...scopes], ...(clientOptions && { clientOptions }) }).getClient()
  } catch (error) {
    throw new AlertStreamsError('CREDENTIALS_REFUSED', `${place}: no usable Google credentials: ${reasonOf(error)}`, {
      remedy: `Set KEY_FILE or GOOGLE_APPLICATION_CREDENTIALS to a service account key, or log in: ${LOGIN}`
    })
  }
}

/** A failed request for a token as ours. Without its cause, which holds the signed request. */
export function tokenError(error: unknown, place: string): AlertStreamsError {
  const status = httpStatus(error)
  // Some servers repeat in their answer what they were asked.
  const reason = status === undefined ? reasonOf(error) : reasonOf(error).replace(/\S{24,}/g, '...')
  if (status === undefined && !isKeyProblem(error)) {
    return new AlertStreamsError('CONNECT_FAILED', `${place}: cannot get a token from Google: ${reason}`, {
      remedy: 'Check that oauth2.googleapis.com can be reached from this machine.'
    })
  }
  if (status !== undefined && (status === 429 || status >= 500)) {
    return new AlertStreamsError('CONNECT_FAILED', `${place}: Google has no token at the moment: ${status} ${reason}`)
  }
  return new AlertStreamsError('CREDENTIALS_REFUSED', `${place}: Google refused the credentials: ${reason}`, {
    remedy: `With a key: check that it is whole, has not been deleted, and that the account is enabled. With a login, which may have ended or been revoked: ${LOGIN}`
  })
}

function httpStatus(error: unknown): number | undefined {
  const response: unknown = error instanceof Error && 'response' in error ? error.response : undefined
  const status: unknown = response && typeof response === 'object' && 'status' in response ? response.status : undefined
  return typeof status === 'number' ? status : undefined
}

/** OpenSSL could not read the private key. */
function isKeyProblem(error: unknown): boolean {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && code.startsWith('ERR_OSSL')
}
