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
  /** Whether `/__admin/` answers there: only on the server that the tests start themselves. */
  readonly admin: boolean
}

/** A service, or one line that says why there is none. */
export type Provided<Address> = { readonly address: Address } | { readonly missing: string }

declare module 'vitest' {
  interface ProvidedContext {
    kafka: Provided<KafkaAddress>
    pubsub: Provided<PubsubAddress>
  }
}
