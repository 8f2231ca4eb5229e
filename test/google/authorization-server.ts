import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** None of these may show anywhere but in the token file. */
export const secrets = { client: 'canary-client-secret-17', password: 'canary-password-17' } as const

interface Granted {
  readonly challenge: string
  readonly redirectUri: string
  readonly scope: string
}

/** Google's pages and token endpoint for a user who logs in, with the rules of OAuth 2 for installed programs. */
export class AuthorizationServer {
  readonly clientId = 'desktop-client'
  /** Codes, refresh tokens and access tokens that were given. */
  readonly given: string[] = []
  /** Which grants were asked for, in order. */
  readonly grants: string[] = []
  /** Gives another refresh token with each access token. */
  rotates = false
  readonly #codes = new Map<string, Granted>()
  readonly #refreshTokens = new Set<string>()
  readonly #server: Server

  static async start(): Promise<AuthorizationServer> {
    const server = new AuthorizationServer()
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve))
    return server
  }

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** As Google's console gives it out. */
  get clientFile(): string {
    const client = { client_id: this.clientId, client_secret: secrets.client }
    return JSON.stringify({ installed: { ...client, auth_uri: `${this.url}/auth`, token_uri: `${this.url}/token` } })
  }

  /** As the user does on Google's page of third-party access. */
  revoke(): void {
    this.#refreshTokens.clear()
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url)
    const form = new URLSearchParams(await text(request))
    const page = (html: string) =>
      response.writeHead(200, { 'Content-Type': 'text/html' }).end(`<title>Sign in</title>${html}`)
    const asked = url.search
    if (url.pathname === '/auth' && request.method === 'GET') {
      const problem = this.#problemOf(url.searchParams)
      if (problem) return void response.writeHead(400).end(`Error 400: ${problem}`)
      const fields = '<input name="email"><input name="password" type="password"><button>Next</button>'
      return void page(`<form method="post" action="/login${asked}">${fields}</form>`)
    }
    if (url.pathname === '/login') {
      if (form.get('password') !== secrets.password) return void page('<p>Wrong password</p>')
      const buttons =
        '<button name="answer" value="allow">Allow</button><button name="answer" value="deny">Deny</button>'
      return void page(
        `<p>alertstreams wants access</p><form method="post" action="/consent${asked}">${buttons}</form>`
      )
    }
    if (url.pathname === '/consent') {
      return void response.writeHead(302, { Location: this.#redirect(url.searchParams, form.get('answer')) }).end()
    }
    if (url.pathname === '/token') {
      const [status, value] = this.#token(form)
      return void response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
    }
    response.writeHead(404).end()
  }

  #problemOf(asked: URLSearchParams): string | undefined {
    if (asked.get('client_id') !== this.clientId) return 'invalid_client'
    if (asked.get('response_type') !== 'code') return 'unsupported_response_type'
    if (!/^http:\/\/127\.0\.0\.1:\d+\/$/.test(asked.get('redirect_uri') ?? '')) return 'redirect_uri_mismatch'
    if (asked.get('code_challenge_method') !== 'S256' || (asked.get('code_challenge') ?? '').length !== 43)
      return 'no PKCE'
    if ((asked.get('state') ?? '').length < 20) return 'no state'
    if (!/pubsub.*bigquery/.test(asked.get('scope') ?? '')) return 'invalid_scope'
    return undefined
  }

  #redirect(asked: URLSearchParams, answer: string | null): string {
    const url = new URL(asked.get('redirect_uri') ?? '')
    url.searchParams.set('state', asked.get('state') ?? '')
    if (answer !== 'allow') url.searchParams.set('error', 'access_denied')
    else {
      const code = this.#new('code')
      const [challenge = '', redirectUri = '', scope = ''] = ['code_challenge', 'redirect_uri', 'scope'].map(
        (name) => asked.get(name) ?? ''
      )
      this.#codes.set(code, { challenge, redirectUri, scope })
      url.searchParams.set('code', code)
    }
    return url.href
  }

  #token(form: URLSearchParams): readonly [number, unknown] {
    this.grants.push(form.get('grant_type') ?? '')
    // As some servers do, it repeats what it was asked.
    const refused = (error: string) => [400, { error, error_description: `Bad Request: ${form}` }] as const
    if (form.get('client_id') !== this.clientId || form.get('client_secret') !== secrets.client)
      return refused('invalid_client')
    const answer = { access_token: this.#new('access'), expires_in: 3599, token_type: 'Bearer' }
    if (form.get('grant_type') === 'refresh_token') {
      const old = form.get('refresh_token') ?? ''
      if (!this.#refreshTokens.has(old)) return refused('invalid_grant')
      if (!this.rotates) return [200, answer]
      this.#refreshTokens.delete(old)
      return [200, { ...answer, refresh_token: this.#newRefreshToken() }]
    }
    const granted = this.#codes.get(form.get('code') ?? '')
    this.#codes.clear()
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (granted?.challenge !== challenge || granted.redirectUri !== form.get('redirect_uri'))
      return refused('invalid_grant')
    return [200, { ...answer, refresh_token: this.#newRefreshToken(), scope: granted.scope }]
  }

  #newRefreshToken(): string {
    const token = this.#new('refresh')
    this.#refreshTokens.add(token)
    return token
  }

  #new(what: string): string {
    const token = `canary-${what}-${randomBytes(12).toString('hex')}`
    this.given.push(token)
    return token
  }
}
