import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import { recordOf, textIn } from './answers.ts'

/** What `alertstreams login pitt-google` keeps; the form is Google's for a user's credentials (`authorized_user`). */
export interface StoredLogin {
  readonly client_id: string
  readonly client_secret: string
  readonly refresh_token: string
  /** Where new access tokens come from. */
  readonly token_uri: string
}

export const LOGIN = 'alertstreams login pitt-google'

/** Where a login is kept unless told otherwise. */
export function usualTokenFile(): string {
  return join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'alertstreams', 'pitt-google.json')
}

/** That file, if somebody has logged in. */
export function keptLogin(): string | undefined {
  const file = usualTokenFile()
  return existsSync(file) ? file : undefined
}

/** Throws `CREDENTIALS_REFUSED`. */
export async function readTokenFile(file: string, place: string): Promise<StoredLogin> {
  const refused = (problem: string) =>
    new AlertStreamsError('CREDENTIALS_REFUSED', `${place}: TOKEN_FILE ${file} ${problem}`, {
      remedy: `Log in again: ${LOGIN}`
    })
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw refused(`cannot be read: ${reasonOf(error)}`)
  })
  const stored = parsed(text)
  const [client_id, client_secret, refresh_token, token_uri] = [
    textIn(stored, 'client_id'),
    textIn(stored, 'client_secret'),
    textIn(stored, 'refresh_token'),
    textIn(stored, 'token_uri')
  ]
  if (!client_id || client_secret === undefined || !refresh_token || !token_uri) throw refused('holds no login')
  return { client_id, client_secret, refresh_token, token_uri: safeUrl(token_uri, refused) }
}

/** For the owner's eyes only, and whole or not at all. */
export async function writeTokenFile(file: string, login: StoredLogin): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const part = `${file}.${randomBytes(6).toString('hex')}`
  try {
    const handle = await open(part, 'wx', 0o600)
    try {
      await handle.writeFile(`${JSON.stringify({ type: 'authorized_user', ...login }, null, 2)}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(part, file)
  } finally {
    await rm(part, { force: true })
  }
}

/** Secrets go there: https, or this machine. */
export function isSafeUrl(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && /^(localhost|127(\.\d+){3})$/.test(url.hostname))
}

function safeUrl(text: string, refused: (problem: string) => AlertStreamsError): string {
  if (isSafeUrl(text)) return text
  throw refused('names a token_uri that is not https')
}

/** JSON.parse names the text that it stumbles over, and that may be a secret: its message is dropped. */
function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return recordOf(JSON.parse(text))
  } catch {
    return undefined
  }
}
