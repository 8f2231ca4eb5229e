import type { KafkaConfig } from 'kafkajs'
import type { Logger } from '../contract/log.ts'
import type { Connection } from './client.ts'
import { Tokens } from './oauth.ts'
import { oauthBearer } from './oauth-bearer.ts'

/** Where a user name is given and no mechanism. */
export const USUAL_MECHANISM = 'SCRAM-SHA-512'

type Credentials = Pick<
  Connection,
  'URL' | 'USERNAME' | 'PASSWORD' | 'MECHANISM' | 'CLIENT_ID' | 'CLIENT_SECRET' | 'TOKEN_URL' | 'SCOPE'
>

/** Of options that `checkCredentials` has taken; undefined: no SASL. Resolves once there is a token, if one is needed. */
export async function saslOptions(credentials: Credentials, log: Logger): Promise<KafkaConfig['sasl']> {
  const { URL, USERNAME, PASSWORD, MECHANISM = USUAL_MECHANISM } = credentials
  const { CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, TOKEN_URL: tokenUrl, SCOPE: scope } = credentials
  if (clientId !== undefined && clientSecret !== undefined && tokenUrl !== undefined) {
    const tokens = new Tokens({ clientId, clientSecret, tokenUrl, scope }, log)
    await tokens.get()
    return oauthBearer(tokens)
  }
  const username = USERNAME ?? URL.username
  if (username === undefined || PASSWORD === undefined) return undefined
  return { mechanism: MECHANISM.toLowerCase() as 'scram-sha-512', username, password: PASSWORD }
}
