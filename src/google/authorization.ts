import { createHash, randomBytes } from 'node:crypto'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import { recordOf, textIn } from './answers.ts'
import { LOGIN, type StoredLogin } from './token-file.ts'

/** What Google calls a client: the program that asks for access. */
export interface OauthClient {
  readonly id: string
  readonly secret: string
  readonly authUri: string
  readonly tokenUri: string
}

/** Both kinds of Pitt-Google streams. */
export const LOGIN_SCOPES = ['https://www.googleapis.com/auth/pubsub', 'https://www.googleapis.com/auth/bigquery']

/** Milliseconds. */
const EXCHANGE = 20_000

/** One login of a user: OAuth 2 for installed programs, with PKCE (S256) and a state. */
export class Authorization {
  readonly #client: OauthClient
  readonly #redirectUri: string
  readonly #state = randomBytes(24).toString('base64url')
  readonly #verifier = randomBytes(48).toString('base64url')

  constructor(client: OauthClient, redirectUri: string) {
    this.#client = client
    this.#redirectUri = redirectUri
  }

  /** What the user has to open. */
  get url(): string {
    const url = new URL(this.#client.authUri)
    const parameters = {
      client_id: this.#client.id,
      redirect_uri: this.#redirectUri,
      response_type: 'code',
      scope: LOGIN_SCOPES.join(' '),
      state: this.#state,
      code_challenge: createHash('sha256').update(this.#verifier).digest('base64url'),
      code_challenge_method: 'S256',
      access_type: 'offline',
      // Else there is no refresh token from the second time on.
      prompt: 'consent'
    }
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
    return url.href
  }

  /**
   * The code in the address to which the browser was sent. Undefined: it is not the answer to this login. Throws
   * `CREDENTIALS_REFUSED` where the user or Google said no.
   */
  codeIn(address: string): string | undefined {
    const parameters = URL.parse(address.trim(), this.#redirectUri)?.searchParams
    if (parameters?.get('state') !== this.#state) return undefined
    const error = parameters.get('error')
    if (error !== null) throw refused(`access was not given: ${wordOf(error)}`)
    return parameters.get('code') || undefined
  }

  /** Throws `CREDENTIALS_REFUSED` or `CONNECT_FAILED`. */
  async exchange(code: string): Promise<{ readonly login: StoredLogin; readonly scopes: readonly string[] }> {
    const { id, secret, tokenUri } = this.#client
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      code_verifier: this.#verifier,
      client_id: id,
      client_secret: secret,
      redirect_uri: this.#redirectUri
    })
    const response = await fetch(tokenUri, { method: 'POST', body, signal: AbortSignal.timeout(EXCHANGE) }).catch(
      (error: unknown) => {
        throw new AlertStreamsError('CONNECT_FAILED', `cannot reach ${new URL(tokenUri).host}: ${reasonOf(error)}`)
      }
    )
    const answer = recordOf(await response.json().catch(() => undefined))
    const error = textIn(answer, 'error')
    if (!response.ok) throw refused(`Google gives no token: ${response.status} ${wordOf(error ?? '')}`)
    const refresh_token = textIn(answer, 'refresh_token')
    if (!refresh_token) throw refused('Google gave no refresh token')
    const login = { client_id: id, client_secret: secret, refresh_token, token_uri: tokenUri }
    return { login, scopes: textIn(answer, 'scope')?.split(' ') ?? LOGIN_SCOPES }
  }
}

function refused(problem: string): AlertStreamsError {
  return new AlertStreamsError('CREDENTIALS_REFUSED', problem, {
    remedy: `Check the client (its id, its secret, that its kind is Desktop app), and log in again: ${LOGIN}`
  })
}

/** The words that OAuth has for failures; of anything else, which may hold what was sent, nothing is shown. */
function wordOf(error: string): string {
  return /^[a-z_]{1,40}$/.test(error) ? error : ''
}
