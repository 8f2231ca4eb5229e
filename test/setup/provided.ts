import type { PeersAddress } from '../services/python.ts'

/** Where a Kafka for the tests listens; an existing one named by KAFKA_BROKERS may have the plaintext listener only. */
export interface KafkaAddress {
  /** host:port each. Users alice, bob and admin have the passwords alice-secret, bob-secret and admin-secret. */
  readonly plaintext: string
  readonly saslPlaintext?: string
  readonly saslSsl?: string
  /** PEM file that the certificate of `saslSsl` is checked against. */
  readonly caFile?: string
  /** PEM file that signs tokens for OAUTHBEARER on `saslSsl`: see test/services/oauth.ts. */
  readonly oauthKeyFile?: string
}

export interface PubsubAddress {
  /** host:port, the value for PUBSUB_EMULATOR_HOST. */
  readonly host: string
  /** Whether `/__admin/` answers there, as it does on the server in test/services. */
  readonly admin: boolean
}

/** A service, or one line that says why there is none. */
export type Provided<Address> = { readonly address: Address } | { readonly missing: string }

/** The variables by which an existing Kafka is used, and `services/run.ts` passes its own on. */
const kafkaVariables = {
  plaintext: 'KAFKA_BROKERS',
  saslPlaintext: 'KAFKA_BROKERS_SASL_PLAINTEXT',
  saslSsl: 'KAFKA_BROKERS_SASL_SSL',
  caFile: 'KAFKA_CA_FILE',
  oauthKeyFile: 'KAFKA_OAUTH_KEY_FILE'
} as const satisfies Record<keyof KafkaAddress, string>

export function kafkaFromEnvironment(): KafkaAddress | undefined {
  const { KAFKA_BROKERS: plaintext } = process.env
  if (!plaintext) return undefined
  const set = Object.entries(kafkaVariables).filter(([, variable]) => process.env[variable])
  return { plaintext, ...Object.fromEntries(set.map(([field, variable]) => [field, process.env[variable]])) }
}

export function kafkaEnvironment(address: KafkaAddress): Record<string, string> {
  const fields = Object.keys(kafkaVariables) as (keyof KafkaAddress)[]
  return Object.fromEntries(fields.map((field) => [kafkaVariables[field], address[field] ?? '']))
}

declare module 'vitest' {
  interface ProvidedContext {
    kafka: Provided<KafkaAddress>
    pubsub: Provided<PubsubAddress>
    peers: Provided<PeersAddress>
  }
}
