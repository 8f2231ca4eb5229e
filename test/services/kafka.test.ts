import { randomUUID } from 'node:crypto'
import {
  type AclEntry,
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  type KafkaConfig,
  ResourcePatternTypes,
  type SASLOptions
} from 'kafkajs'
import { expect, test } from 'vitest'
import {
  committed,
  describeKafka,
  describeKafkaSasl,
  kafka,
  kafkaClient,
  newTopic,
  produce,
  readTopic,
  trustedTls,
  withAdmin
} from '../setup/services.ts'
import { signedToken, unsignedToken } from './oauth.ts'

describeKafka('the Kafka of the tests', () => {
  test('keeps bytes, key and headers', async () => {
    const topic = await newTopic('round-trip', 2)
    const value = Buffer.from([0, 255, 128, 10])
    await produce(topic, [
      { value, key: 'ZTF18abcdefg', headers: [['_format', Buffer.from('avro')]], partition: 1 },
      { value: null, partition: 0 }
    ])
    const [tombstone, message] = await readTopic(topic)
    expect(tombstone).toMatchObject({ partition: 0, offset: 0n, key: null, value: null, headers: [] })
    expect(message).toMatchObject({ partition: 1, offset: 0n, key: Buffer.from('ZTF18abcdefg'), value })
    expect(message?.headers).toEqual([['_format', Buffer.from('avro')]])
    expect(await committed('nobody', topic)).toEqual([-1n, -1n])
  })

  test("has Kafka's own limit of 1 MiB a batch", async () => {
    const topic = await newTopic('limit')
    await expect(produce(topic, [{ value: Buffer.alloc(1_100_000) }])).rejects.toMatchObject({
      type: 'MESSAGE_TOO_LARGE'
    })
  })

  test('makes no topic by itself', async () => {
    await expect(produce(`absent-${randomUUID()}`, [{ value: 'x' }])).rejects.toThrow()
  })
})

describeKafkaSasl('the SASL listeners of the tests', () => {
  test.for<[string, SASLOptions]>([
    ['SCRAM-SHA-512', { mechanism: 'scram-sha-512', username: 'alice', password: 'alice-secret' }],
    ['SCRAM-SHA-256', { mechanism: 'scram-sha-256', username: 'bob', password: 'bob-secret' }],
    ['PLAIN', plain('admin')]
  ])('take a message over %s without and with TLS', async ([, sasl]) => {
    await roundTrip({ brokers: [kafka()!.saslPlaintext!], sasl })
    await roundTrip({ brokers: [kafka()!.saslSsl!], sasl, ssl: trustedTls() })
  })

  test.skipIf(!kafka()?.oauthKeyFile)('take an unsigned token without TLS and a signed one with TLS', async () => {
    const unsigned = bearer(() => unsignedToken('alice'))
    const signed = bearer(() => signedToken('alice', kafka()!.oauthKeyFile!))
    await roundTrip({ brokers: [kafka()!.saslPlaintext!], sasl: unsigned })
    await roundTrip({ brokers: [kafka()!.saslSsl!], sasl: signed, ssl: trustedTls() })
    const refused = roundTrip({ brokers: [kafka()!.saslSsl!], sasl: unsigned, ssl: trustedTls() })
    await expect(refused).rejects.toThrow()
  })

  test('refuse a wrong password', async () => {
    const sasl: SASLOptions = { mechanism: 'scram-sha-512', username: 'alice', password: 'wrong' }
    await expect(roundTrip({ brokers: [kafka()!.saslPlaintext!], sasl })).rejects.toThrow('authentication failed')
  })

  test('keep a topic with an ACL from other users', async () => {
    const topic = await newTopic('acl')
    await withAdmin((admin) => admin.createAcls({ acl: [onlyFor('alice', topic)] }))
    const brokers = [kafka()!.saslPlaintext!]
    await send({ brokers, sasl: plain('alice') }, topic)
    await expect(send({ brokers, sasl: plain('bob') }, topic)).rejects.toThrow(/authoriz/i)
  })
})

/** Sends over the given connection and reads over plaintext. */
async function roundTrip(connection: Partial<KafkaConfig>): Promise<void> {
  const topic = await newTopic('sasl')
  await send(connection, topic)
  expect(await readTopic(topic)).toMatchObject([{ value: Buffer.from('sent') }])
}

async function send(connection: Partial<KafkaConfig>, topic: string): Promise<void> {
  const producer = kafkaClient(connection).producer()
  try {
    await producer.connect()
    await producer.send({ topic, messages: [{ value: 'sent' }] })
  } finally {
    await producer.disconnect()
  }
}

function plain(user: string): SASLOptions {
  return { mechanism: 'plain', username: user, password: `${user}-secret` }
}

function bearer(token: () => string): SASLOptions {
  return { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: token() }) }
}

function onlyFor(user: string, topic: string): AclEntry {
  return {
    resourceType: AclResourceTypes.TOPIC,
    resourceName: topic,
    resourcePatternType: ResourcePatternTypes.LITERAL,
    principal: `User:${user}`,
    host: '*',
    operation: AclOperationTypes.ALL,
    permissionType: AclPermissionTypes.ALLOW
  }
}
