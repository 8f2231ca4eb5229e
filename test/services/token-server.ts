import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { signedToken } from './oauth.ts'

/** What it does with requests; a test may change it at any time. */
export interface Behaviour {
  /** Seconds that a token lives. */
  life: number
  /** `garbage`: tokens that no broker takes; `expired`: they have ended before; `nonsense`: no token at all. */
  gives: 'tokens' | 'garbage' | 'expired' | 'nonsense' | 'errors' | 'refusals' | 'silence'
  /** Where the client has to say who it is. */
  wants: 'header' | 'body'
}

export interface TokenServer extends Behaviour {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  /** Every token that it has given. */
  readonly tokens: string[]
  /** The bodies of all requests, without the secret's value. */
  readonly asked: Record<string, string>[]
  close(): Promise<void>
}

/** A token server of OAuth 2 for the client credentials grant, on this machine; its tokens are for the test broker. */
export async function startTokenServer(keyFile: string, given: Partial<Behaviour> = {}): Promise<TokenServer> {
  const clientId = 'alice'
  const clientSecret = 'canary:secret of alice/+&'
  const server = createServer(async (request, response) => {
    const { gives } = own
    if (gives === 'silence') return
    const { header, body } = await whoAsks(request)
    own.asked.push(Object.fromEntries([...body].filter(([name]) => name !== 'client_secret')))
    const who = own.wants === 'header' ? header : [body.get('client_id'), body.get('client_secret')]
    const right = who[0] === clientId && who[1] === clientSecret && body.get('grant_type') === 'client_credentials'
    const say = (status: number, value: unknown) => response.writeHead(status).end(JSON.stringify(value))
    // Real servers repeat in their descriptions what they did not like.
    const repeated = `${request.headers.authorization} ${body}`
    if (gives === 'errors') return say(503, { error: 'temporarily_unavailable', error_description: repeated })
    if (gives === 'refusals' || !right)
      return say(own.wants === 'header' ? 401 : 400, { error: 'invalid_client', error_description: repeated })
    if (gives === 'nonsense') return response.writeHead(200).end(`<html>Please log in, ${repeated}</html>`)
    const now = Math.floor(Date.now() / 1000)
    const exp = gives === 'expired' ? now - 120 : Date.now() / 1000 + own.life
    const token =
      gives === 'garbage' ? 'canary.garbage.token' : signedToken(clientId, keyFile, { exp, n: own.tokens.length })
    own.tokens.push(token)
    say(200, { access_token: token, expires_in: own.life, token_type: 'Bearer' })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const own: TokenServer = {
    life: 3600,
    gives: 'tokens',
    wants: 'header',
    ...given,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/oauth2/token`,
    clientId,
    clientSecret,
    tokens: [],
    asked: [],
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
  return own
}

async function whoAsks(request: IncomingMessage) {
  let text = ''
  for await (const chunk of request) text += chunk
  const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
  const header = Buffer.from(basic, 'base64')
    .toString()
    .split(':')
    .map((part) => new URLSearchParams(`_=${part}`).get('_'))
  return { header, body: new URLSearchParams(text) }
}
