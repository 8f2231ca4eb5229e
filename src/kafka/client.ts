import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Kafka, KafkaConfig, LogEntry } from 'kafkajs'
import type { CodecSetup } from '../contract/codec.ts'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import { choice, flag, type OptionsOf, path, text } from '../contract/options.ts'
import { brokers, tokenUrl } from './addresses.ts'
import { saslOptions, USUAL_MECHANISM } from './sasl.ts'
import { kafkajs, patchKafkajs } from './wire/index.ts'

/** The connection options of every Kafka stream and sink. */
export const connectionFields = {
  URL: brokers('the brokers: kafka://host[:port]/ or host:port[,host:port]', { required: true }),
  USERNAME: text('SASL user name; left out: no SASL'),
  PASSWORD: text('SASL password', { secret: true }),
  MECHANISM: choice('SASL mechanism; left out: SCRAM-SHA-512, and OAUTHBEARER where CLIENT_ID is given', [
    'SCRAM-SHA-512',
    'SCRAM-SHA-256',
    'PLAIN',
    'OAUTHBEARER'
  ]),
  CLIENT_ID: text('for OAUTHBEARER: whom the token server gives tokens to (client credentials grant)'),
  CLIENT_SECRET: text('for OAUTHBEARER: the secret of CLIENT_ID', { secret: true }),
  TOKEN_URL: tokenUrl('for OAUTHBEARER: the address of the token server, https (http on this machine only)'),
  SCOPE: text('for OAUTHBEARER: what the token shall be good for; left out: all that CLIENT_ID may have'),
  TLS: flag('encrypt the connection; left out: where a user name or CLIENT_ID is given'),
  SSL_CA_LOCATION: path('file with the certificate authority to trust, PEM; left out: the public ones'),
  VERIFY_HOSTNAME: flag("whether the certificate must carry the broker's name", { fallback: true })
}

/** With another default for the brokers. */
export function connectionFieldsOf(url: string) {
  const read = connectionFields.URL.read(url)
  if ('problem' in read) throw new Error(read.problem)
  return { ...connectionFields, URL: brokers(connectionFields.URL.doc, { fallback: read.value }) }
}

export type Connection = OptionsOf<typeof connectionFields>

/** Throws `CONFIG_INVALID` for credentials of which a part is missing, or that do not go together. */
export function checkCredentials(connection: Connection): void {
  const { USERNAME, URL, PASSWORD, MECHANISM, CLIENT_ID, CLIENT_SECRET, TOKEN_URL } = connection
  const username = USERNAME ?? URL.username
  const wrong = (problem: string, remedy: string) => new AlertStreamsError('CONFIG_INVALID', problem, { remedy })
  if (CLIENT_ID === undefined && MECHANISM !== 'OAUTHBEARER') {
    if (username === undefined || PASSWORD !== undefined) return
    throw wrong(`USERNAME is ${username}, and there is no PASSWORD`, 'Set PASSWORD or PASSWORD_FILE.')
  }
  if (MECHANISM !== undefined && MECHANISM !== 'OAUTHBEARER')
    throw wrong(`CLIENT_ID is not for MECHANISM ${MECHANISM}`, 'Set USERNAME and PASSWORD, or leave MECHANISM out.')
  if (username !== undefined)
    throw wrong(`USERNAME ${username} is not for MECHANISM OAUTHBEARER`, 'Leave it out, or CLIENT_ID.')
  const needed = { CLIENT_ID, CLIENT_SECRET, TOKEN_URL }
  const missing = Object.entries(needed).flatMap(([name, value]) => (value === undefined ? [name] : []))
  if (missing.length > 0)
    throw wrong(`OAUTHBEARER, and there is no ${missing.join(' and no ')}`, `Set ${missing.join(' and ')}.`)
}

/** Who one is towards the brokers. */
export function userOf({ USERNAME, URL, CLIENT_ID }: Pick<Connection, 'USERNAME' | 'URL' | 'CLIENT_ID'>) {
  return USERNAME ?? URL.username ?? CLIENT_ID
}

/** The same with a password, for codecs that must say so to a host of theirs. */
export function credentialsOf({ USERNAME, URL, PASSWORD, MECHANISM }: Connection): Pick<CodecSetup, 'credentials'> {
  const username = USERNAME ?? URL.username
  if (username === undefined || PASSWORD === undefined) return {}
  return { credentials: { username, password: PASSWORD, mechanism: MECHANISM ?? USUAL_MECHANISM } }
}

/** Names the cluster, for finding loops and in messages. */
export function clusterName({ URL }: Pick<Connection, 'URL'>): string {
  return URL.hosts
    .map((host) => host.toLowerCase().replace(/^localhost:/, '127.0.0.1:'))
    .sort()
    .join(',')
}

/**
 * A kafkajs client that has what it needs to say who it is: rejects with `CREDENTIALS_REFUSED` or `CONNECT_FAILED` where
 * a token server gives it no token. kafkajs' own log lines are debug lines of ours, since what matters is said by
 * streams and sinks.
 */
export async function createKafka(
  connection: Connection,
  log: Logger,
  baseDir: string,
  more: Partial<KafkaConfig> = {}
): Promise<Kafka> {
  const unapplied = patchKafkajs()
  if (unapplied.length > 0) log.debug({ unapplied }, 'parts of kafkajs were left as they are')
  checkCredentials(connection)
  const sasl = await saslOptions(connection, log)
  return new kafkajs.Kafka({
    clientId: 'alertstreams',
    brokers: [...connection.URL.hosts],
    connectionTimeout: 4000,
    authenticationTimeout: 8000,
    requestTimeout: 30_000,
    ...((connection.TLS ?? sasl !== undefined) && { ssl: tlsOptions(connection, baseDir) }),
    ...(sasl && { sasl }),
    logLevel: kafkajs.logLevel.WARN,
    logCreator: () => (entry) => log.debug(entryFields(entry), `kafkajs: ${entry.log.message}`),
    ...more
  })
}

function tlsOptions({ SSL_CA_LOCATION, VERIFY_HOSTNAME }: Connection, baseDir: string) {
  const tls: { ca?: string[]; checkServerIdentity?: () => undefined } = {}
  if (!VERIFY_HOSTNAME) tls.checkServerIdentity = () => undefined
  if (SSL_CA_LOCATION === undefined) return tls
  const file = resolve(baseDir, SSL_CA_LOCATION)
  try {
    return { ...tls, ca: [readFileSync(file, 'utf8')] }
  } catch (error) {
    throw new AlertStreamsError('CONNECT_FAILED', `SSL_CA_LOCATION: ${reasonOf(error)}`, {
      cause: error,
      remedy: 'Name a readable PEM file.'
    })
  }
}

function entryFields({ namespace, log: { message: _, timestamp: __, logger: ___, ...fields } }: LogEntry) {
  return { kafkajs: namespace, ...fields }
}
