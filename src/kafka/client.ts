import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Kafka, KafkaConfig, LogEntry, SASLOptions } from 'kafkajs'
import type { CodecSetup } from '../contract/codec.ts'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import { choice, declare, flag, type OptionsOf, path, text } from '../contract/options.ts'
import { kafkajs, patchKafkajs } from './wire/index.ts'

/** Where a cluster is: as hop writes it (`kafka://[user@]host[:port]/`) or `host:port[,host:port]`. */
export interface Brokers {
  readonly hosts: readonly string[]
  readonly username: string | undefined
}

const DEFAULT_PORT = 9092

const brokers = declare<Brokers>('url', { type: 'string' }, (value) => {
  if (typeof value === 'string' && /:(?!\/\/).*@/.test(value))
    return { problem: 'a URL holds no password here: put it into PASSWORD, or into the file that PASSWORD_FILE names' }
  const match =
    typeof value === 'string' ? /^(?:([a-z]+):\/\/)?(?:([^@/]*)@)?([^/]*)(\/.*)?$/i.exec(value.trim()) : null
  const [, scheme, username, list = '', rest = ''] = match ?? []
  if (match === null || (scheme !== undefined && scheme !== 'kafka'))
    return { problem: 'expected kafka://host[:port]/ or host:port' }
  if (rest.replaceAll('/', '') !== '') return { problem: `a URL names no topics here: put ${rest} into TOPIC_HANDLERS` }
  const hosts = list.split(',').map((host) => host.trim())
  if (!hosts.every((host) => /^(\[[0-9a-f:]+\]|[\w.-]+)(:\d{1,5})?$/i.test(host)))
    return { problem: 'expected kafka://host[:port]/ or host:port' }
  return { value: { hosts: hosts.map((host) => (/:\d+$/.test(host) ? host : `${host}:${DEFAULT_PORT}`)), username } }
})

/** The connection options of every Kafka stream and sink. */
export const connectionFields = {
  URL: brokers('the brokers: kafka://host[:port]/ or host:port[,host:port]', { required: true }),
  USERNAME: text('SASL user name; left out: no SASL'),
  PASSWORD: text('SASL password', { secret: true }),
  MECHANISM: choice('SASL mechanism', ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN'], { fallback: 'SCRAM-SHA-512' }),
  TLS: flag('encrypt the connection; left out: where a user name is given'),
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

/** Who one is towards the brokers, for codecs that must say so to a host of theirs. */
export function credentialsOf({ USERNAME, URL, PASSWORD, MECHANISM }: Connection): Pick<CodecSetup, 'credentials'> {
  const username = USERNAME ?? URL.username
  if (username === undefined || PASSWORD === undefined) return {}
  return { credentials: { username, password: PASSWORD, mechanism: MECHANISM } }
}

/** Names the cluster, for finding loops and in messages. */
export function clusterName({ URL }: Pick<Connection, 'URL'>): string {
  return URL.hosts
    .map((host) => host.toLowerCase().replace(/^localhost:/, '127.0.0.1:'))
    .sort()
    .join(',')
}

/** A kafkajs client; kafkajs' own log lines are debug lines of ours, since what matters is said by streams and sinks. */
export function createKafka(
  connection: Connection,
  log: Logger,
  baseDir: string,
  more: Partial<KafkaConfig> = {}
): Kafka {
  const unapplied = patchKafkajs()
  if (unapplied.length > 0) log.debug({ unapplied }, 'parts of kafkajs were left as they are')
  const sasl = saslOptions(connection)
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

/** Throws `CONFIG_INVALID` for a user without a password. */
export function checkCredentials({ URL, USERNAME, PASSWORD }: Pick<Connection, 'URL' | 'USERNAME' | 'PASSWORD'>): void {
  const username = USERNAME ?? URL.username
  if (username === undefined || PASSWORD !== undefined) return
  throw new AlertStreamsError('CONFIG_INVALID', `USERNAME is ${username}, and there is no PASSWORD`, {
    remedy: 'Set PASSWORD or PASSWORD_FILE.'
  })
}

function saslOptions({ URL, USERNAME, PASSWORD, MECHANISM }: Connection): SASLOptions | undefined {
  const username = USERNAME ?? URL.username
  if (username === undefined) return undefined
  checkCredentials({ URL, USERNAME, PASSWORD })
  return { mechanism: MECHANISM.toLowerCase() as 'scram-sha-512', username, password: PASSWORD! }
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
