import { readFileSync } from 'node:fs'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import { recordOf, textIn } from './answers.ts'
import type { OauthClient } from './authorization.ts'
import { isSafeUrl } from './token-file.ts'

const GOOGLE = {
  authUri: 'https://accounts.google.com/o/oauth2/v2/auth',
  tokenUri: 'https://oauth2.googleapis.com/token'
} as const

/**
 * The client that asks for access: that of a file as Google's console gives it out, else that of the environment:
 * PITTGOOGLE_OAUTH_CLIENT_ID and _SECRET, or OAUTH_CLIENT_ID and _SECRET, as pittgoogle-client reads them. Throws
 * `CONFIG_INVALID`.
 */
export function oauthClient(file: string | undefined, env: NodeJS.ProcessEnv): OauthClient {
  return file === undefined ? fromEnvironment(env) : fromFile(file)
}

function fromEnvironment(env: NodeJS.ProcessEnv): OauthClient {
  for (const prefix of ['PITTGOOGLE_OAUTH', 'OAUTH']) {
    const [id, secret] = [env[`${prefix}_CLIENT_ID`], env[`${prefix}_CLIENT_SECRET`]]
    if (id && secret) return { id, secret, ...GOOGLE }
  }
  throw invalid(
    'there is no OAuth client',
    "Name the file that Google's console gives for a client of the kind Desktop app (--client-file), or set PITTGOOGLE_OAUTH_CLIENT_ID and PITTGOOGLE_OAUTH_CLIENT_SECRET."
  )
}

function fromFile(file: string): OauthClient {
  const text = textOf(file)
  const whole = parsed(text)
  const client = recordOf(whole?.installed) ?? recordOf(whole?.web)
  const [id, secret] = [textIn(client, 'client_id'), textIn(client, 'client_secret')]
  const authUri = textIn(client, 'auth_uri') ?? GOOGLE.authUri
  const tokenUri = textIn(client, 'token_uri') ?? GOOGLE.tokenUri
  const remedy = "It has to be the JSON file that Google's console gives for an OAuth client of the kind Desktop app."
  if (!id || !secret) throw invalid(`${file} holds no OAuth client`, remedy)
  if (!isSafeUrl(authUri) || !isSafeUrl(tokenUri)) throw invalid(`${file} names an address that is not https`, remedy)
  return { id, secret, authUri, tokenUri }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw invalid(`the client file cannot be read: ${reasonOf(error)}`, 'Check the path and its permissions.')
  }
}

/** JSON.parse names the text that it stumbles over, and that may be the secret: its message is dropped. */
function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return recordOf(JSON.parse(text))
  } catch {
    return undefined
  }
}

function invalid(problem: string, remedy: string): AlertStreamsError {
  return new AlertStreamsError('CONFIG_INVALID', problem, { remedy })
}
