import { oauthAudience, oauthIssuer } from './oauth.ts'

export interface KafkaPorts {
  readonly plaintext: number
  readonly saslPlaintext: number
  readonly saslSsl: number
  readonly controller: number
}

/** A plaintext listener, and the port that the broker tells its clients to come to. */
export interface ExtraListener {
  /** In capitals. */
  readonly name: string
  readonly port: number
  readonly advertisedPort: number
}

/** Each has the password `<name>-secret`, by SCRAM and by PLAIN. */
export const users = ['alice', 'bob', 'admin'] as const

export const keystorePassword = 'changeit'

/** The text of server.properties for one node that is broker and controller; `more` is added and wins. */
export function serverProperties(
  ports: KafkaPorts,
  files: { readonly data: string; readonly keystore: string; readonly jwks: string },
  extra: readonly ExtraListener[] = [],
  more: Readonly<Record<string, string>> = {}
): string {
  const own = [
    `PLAINTEXT://127.0.0.1:${ports.plaintext}`,
    `SASL_PLAINTEXT://127.0.0.1:${ports.saslPlaintext}`,
    `SASL_SSL://127.0.0.1:${ports.saslSsl}`
  ]
  const listening = [...own, ...extra.map(({ name, port }) => `${name}://127.0.0.1:${port}`)]
  const advertised = [...own, ...extra.map(({ name, advertisedPort }) => `${name}://127.0.0.1:${advertisedPort}`)]
  const protocols = [
    'PLAINTEXT:PLAINTEXT',
    'SASL_PLAINTEXT:SASL_PLAINTEXT',
    'SASL_SSL:SASL_SSL',
    'CONTROLLER:PLAINTEXT'
  ]
  const properties: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${ports.controller}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': files.data,
    listeners: [...listening, `CONTROLLER://127.0.0.1:${ports.controller}`].join(','),
    'advertised.listeners': advertised.join(','),
    'listener.security.protocol.map': [...protocols, ...extra.map(({ name }) => `${name}:PLAINTEXT`)].join(','),
    'inter.broker.listener.name': 'PLAINTEXT',
    ...saslListener('sasl_plaintext'),
    ...saslListener('sasl_ssl'),
    ...signedTokens('sasl_ssl', files.jwks),
    ...tlsListener('sasl_ssl', files.keystore),
    ...permissions,
    ...singleNode,
    ...quick,
    'auto.create.topics.enable': 'false',
    ...more
  }
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

const security = 'org.apache.kafka.common.security'

/** SCRAM users lie in the broker's metadata; PLAIN users here; OAUTHBEARER takes unsigned tokens unless told otherwise. */
function saslListener(listener: string): Record<string, string> {
  const prefix = `listener.name.${listener}`
  const plainUsers = users.map((user) => ` user_${user}="${user}-secret"`).join('')
  return {
    [`${prefix}.sasl.enabled.mechanisms`]: 'SCRAM-SHA-512,SCRAM-SHA-256,PLAIN,OAUTHBEARER',
    [`${prefix}.scram-sha-512.sasl.jaas.config`]: `${security}.scram.ScramLoginModule required;`,
    [`${prefix}.scram-sha-256.sasl.jaas.config`]: `${security}.scram.ScramLoginModule required;`,
    [`${prefix}.plain.sasl.jaas.config`]: `${security}.plain.PlainLoginModule required${plainUsers};`,
    [`${prefix}.oauthbearer.sasl.jaas.config`]: `${security}.oauthbearer.OAuthBearerLoginModule required;`
  }
}

function signedTokens(listener: string, jwksFile: string): Record<string, string> {
  const prefix = `listener.name.${listener}.oauthbearer.sasl`
  return {
    [`${prefix}.server.callback.handler.class`]: `${security}.oauthbearer.OAuthBearerValidatorCallbackHandler`,
    [`${prefix}.oauthbearer.jwks.endpoint.url`]: `file://${jwksFile}`,
    [`${prefix}.oauthbearer.expected.audience`]: oauthAudience,
    [`${prefix}.oauthbearer.expected.issuer`]: oauthIssuer
  }
}

function tlsListener(listener: string, keystore: string): Record<string, string> {
  const prefix = `listener.name.${listener}.ssl`
  return {
    [`${prefix}.keystore.type`]: 'PKCS12',
    [`${prefix}.keystore.location`]: keystore,
    [`${prefix}.keystore.password`]: keystorePassword,
    [`${prefix}.key.password`]: keystorePassword
  }
}

/** A resource is open to all until a test gives it an ACL; plaintext clients may do everything always. */
const permissions = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'allow.everyone.if.no.acl.found': 'true',
  'super.users': 'User:ANONYMOUS;User:admin'
}

const singleNode = {
  'offsets.topic.num.partitions': '1',
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.num.partitions': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.num.partitions': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1'
}

/** Groups form at once, sessions may be short, and a restart after kill -9 waits 2 seconds for the dead broker's session. */
const quick = {
  'group.initial.rebalance.delay.ms': '0',
  'group.min.session.timeout.ms': '1000',
  'broker.session.timeout.ms': '2000',
  'broker.heartbeat.interval.ms': '500',
  'num.network.threads': '2',
  'num.io.threads': '4',
  'background.threads': '2',
  'log.cleaner.dedupe.buffer.size': '8388608'
}
