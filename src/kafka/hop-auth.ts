import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { AlertStreamsError } from '../contract/errors.ts'
import type { Completed } from '../contract/stream.ts'
import { tokenUrl } from './addresses.ts'
import { type Connection, connectionFields } from './client.ts'
import { type HopCredential, readHopCredentials } from './hop-auth-file.ts'

interface Options extends Connection {
  readonly AUTH_FILE: string | undefined
}

const DEFAULT_PORT = 9092

/** True for the brokers of SCiMMA Hopskotch. */
export function isHopskotch({ URL }: Pick<Connection, 'URL'>): boolean {
  return URL.hosts.some((host) => /(^|\.)scimma\.org:\d+$/.test(host))
}

/**
 * The options with a credential from hop's files, where they want one and have none. What they say themselves of the
 * connection counts. Throws `CONFIG_INVALID` and `CREDENTIALS_REFUSED`.
 */
export function withHopCredential<O extends Options>(options: O, env = process.env): Completed<O> {
  const { AUTH_FILE, PASSWORD, CLIENT_ID, USERNAME, URL } = options
  if (PASSWORD !== undefined || CLIENT_ID !== undefined) {
    if (AUTH_FILE === undefined) return { options }
    const other = PASSWORD === undefined ? 'CLIENT_ID' : 'PASSWORD'
    throw new AlertStreamsError('CONFIG_INVALID', `AUTH_FILE and ${other} are both given`, { remedy: 'Leave one out.' })
  }
  const username = USERNAME ?? URL.username
  if (AUTH_FILE === undefined && username === undefined && !isHopskotch(options)) return { options }
  const found = AUTH_FILE === undefined ? usualCredentials(env) : namedCredentials(AUTH_FILE)
  if (found === undefined) return { options }
  const credential = choose(found.credentials, URL.hosts, username, found.file)
  return {
    options: { ...options, ...connectionOf(credential, options, found.file), AUTH_FILE: undefined },
    secrets: [credential.password]
  }
}

interface Found {
  readonly file: string
  readonly credentials: readonly HopCredential[]
}

function namedCredentials(file: string): Found {
  const credentials = readHopCredentials(file)
  if (credentials !== undefined) return { file, credentials }
  throw new AlertStreamsError('CREDENTIALS_REFUSED', `AUTH_FILE ${file} is not there`, {
    remedy: "Name hop's auth.toml, or the CSV file of a credential from SCiMMA."
  })
}

/** As hop looks for them; older versions kept them in config.toml. */
function usualCredentials({ XDG_CONFIG_HOME, HOME }: NodeJS.ProcessEnv): Found | undefined {
  const folder = join(XDG_CONFIG_HOME || join(HOME || homedir(), '.config'), 'hop')
  for (const name of ['auth.toml', 'config.toml']) {
    const file = join(folder, name)
    const credentials = readHopCredentials(file, name === 'config.toml')
    if (credentials !== undefined) return { file, credentials }
  }
  return undefined
}

/** hop's rules: those for this very host first, then those for any. */
function choose(
  credentials: readonly HopCredential[],
  hosts: readonly string[],
  username: string | undefined,
  file: string
): HopCredential {
  const wanted = hosts.map(withPort)
  const ofUser = credentials.filter((one) => username === undefined || one.username === username)
  const exact = ofUser.filter(({ hostname }) => hostname !== undefined && wanted.includes(withPort(hostname)))
  const matching = exact.length > 0 ? exact : ofUser.filter(({ hostname }) => hostname === undefined)
  const [credential, other] = matching
  const where = hosts.join(',') + (username === undefined ? '' : ` and the user ${username}`)
  if (credential === undefined)
    throw new AlertStreamsError('CREDENTIALS_REFUSED', `${file} has no credential for ${where}`, {
      remedy: 'Add one (hop auth add), or set USERNAME and PASSWORD.'
    })
  if (other === undefined) return credential
  const names = matching.map((one) => one.username).join(', ')
  throw new AlertStreamsError('CREDENTIALS_REFUSED', `${file} has several credentials for ${where}: ${names}`, {
    remedy: 'Say which by USERNAME, or in the URL (kafka://user@host/).'
  })
}

function withPort(host: string): string {
  const lower = host.toLowerCase()
  return /:\d+$/.test(lower) ? lower : `${lower}:${DEFAULT_PORT}`
}

/** What a credential says, as options. */
function connectionOf(credential: HopCredential, options: Connection, file: string): Partial<Connection> {
  const { username, password, protocol, token_endpoint: endpoint, ssl_ca_location: ca } = credential
  const MECHANISM = options.MECHANISM ?? mechanismOf(credential, file)
  const TLS = options.TLS ?? protocol !== 'SASL_PLAINTEXT'
  const common = {
    MECHANISM,
    TLS,
    SSL_CA_LOCATION: options.SSL_CA_LOCATION ?? (TLS && ca !== undefined ? resolve(ca) : undefined)
  }
  if (MECHANISM !== 'OAUTHBEARER') return { ...common, USERNAME: username, PASSWORD: password }
  const url = { ...options.URL, username: undefined }
  const client = { CLIENT_ID: username, CLIENT_SECRET: password, USERNAME: undefined, URL: url }
  if (endpoint === undefined) return { ...common, ...client }
  const read = tokenUrl('').read(endpoint)
  if ('value' in read) return { ...common, ...client, TOKEN_URL: options.TOKEN_URL ?? read.value }
  throw new AlertStreamsError('CREDENTIALS_REFUSED', `${file}, token_endpoint: ${read.problem}`)
}

function mechanismOf({ mechanism, token_endpoint }: HopCredential, file: string): Connection['MECHANISM'] {
  if (mechanism === undefined) return token_endpoint === undefined ? undefined : 'OAUTHBEARER'
  const read = connectionFields.MECHANISM.read(mechanism.replaceAll('_', '-'))
  if ('value' in read) return read.value
  throw new AlertStreamsError('CREDENTIALS_REFUSED', `${file}, mechanism: ${read.problem}`)
}
