import { randomBytes } from 'node:crypto'
import type { Fields } from '../../src/contract/options.ts'
import type { StreamClass, StreamSetup } from '../../src/contract/stream.ts'
import { AlerceAlertStream } from '../../src/streams/alerce.ts'
import { AntaresAlertStream } from '../../src/streams/antares.ts'
import { BabamulAlertStream } from '../../src/streams/babamul.ts'
import { FinkAlertStream } from '../../src/streams/fink.ts'
import { KafkaAlertStream } from '../../src/streams/kafka.ts'
import { LasairAlertStream } from '../../src/streams/lasair.ts'
import { type Published, type StreamHarness, streamSetup } from '../contract/stream-bench.ts'
import { readOptions } from '../kafka/options.ts'
import { committed, createTopic, kafka, produce } from '../setup/services.ts'

/** Nobody listens there. */
const CLOSED = '127.0.0.1:9'
const PARTITIONS = 3
export const PASSWORD = 'alice-secret'
const WRONG_PASSWORD = 'wrong-but-secret'
const scram = { USERNAME: 'alice', PASSWORD }

interface OverKafka {
  /** What a user would write, with the addresses of the Kafka of this test run. */
  readonly options: () => Readonly<Record<string, unknown>>
  /** The option with the password, where there is one. */
  readonly secret?: string
  readonly groupPrefix?: string
  /** Around the name of a topic, on the broker and in TOPIC_HANDLERS. */
  readonly named?: { readonly onBroker: (name: string) => string; readonly key?: (name: string) => string }
}

/** What every stream over a consumer group promises, with the options of one broker. */
export function overKafka<F extends Fields>(
  Class: StreamClass<F>,
  { options, secret, groupPrefix = '', named = { onBroker: (name) => name } }: OverKafka
): StreamHarness {
  const open = (over: Partial<StreamSetup>, more: Readonly<Record<string, unknown>>) => {
    const given = { GROUP_ID: `${groupPrefix}nobody`, ...options(), SESSION_TIMEOUT: 6, START_POSITION: 'EARLIEST' }
    return new Class(readOptions(Class.fields, { ...given, ...more }), streamSetup(over))
  }
  return {
    promises: {
      ordered: true,
      redelivers: 'after reopening',
      remembers: true,
      ends: false,
      keepsKey: 'bytes',
      keepsHeaders: 'all',
      keepsNull: true
    },
    secrets: [PASSWORD, WRONG_PASSWORD],
    async setUp() {
      const name = `contract-${randomBytes(4).toString('hex')}`
      const topic = named.onBroker(name)
      const key = named.key?.(name) ?? name
      const GROUP_ID = `${groupPrefix}${randomBytes(4).toString('hex')}`
      await createTopic(topic, PARTITIONS)
      const shown = key === name ? name : topic
      return {
        publish: (messages) => produce(topic, messages.map(toRecord)),
        open: (over) => open({ topics: [key], ...over }, { GROUP_ID }),
        async acked() {
          const ends = await committed(GROUP_ID, topic)
          return ends.flatMap((end, partition) =>
            Array.from({ length: Number(end) }, (_, offset) => `${shown}/${partition}/${offset}`)
          )
        },
        async tearDown() {}
      }
    },
    unreachable: (over) => open(over, { URL: CLOSED }),
    ...(secret !== undefined && { refused: (over) => open(over, { [secret]: WRONG_PASSWORD }) })
  }
}

function toRecord({ key, headers, bytes }: Published) {
  return { key: key && Buffer.from(key), value: bytes && Buffer.from(bytes), headers }
}

export const anyKafka = overKafka(KafkaAlertStream, { options: () => ({ URL: kafka()!.plaintext }) })

/** PLAIN over TLS, by a name that the certificate does not have. */
export const antares = overKafka(AntaresAlertStream, {
  options: () => ({
    URL: kafka()!.saslSsl!.replace('127.0.0.1', '127.1'),
    SSL_CA_LOCATION: kafka()!.caFile,
    API_KEY: 'alice',
    API_SECRET: PASSWORD
  }),
  secret: 'API_SECRET',
  named: { onBroker: (name) => `client.${name}` }
})

export const fink = overKafka(FinkAlertStream, { options: () => ({ URL: kafka()!.plaintext, USERNAME: 'alice' }) })

export const lasair = overKafka(LasairAlertStream, { options: () => ({ URL: kafka()!.plaintext }) })

/** The topic of this night. */
export const alerce = overKafka(AlerceAlertStream, {
  options: () => ({ URL: kafka()!.saslPlaintext, ...scram }),
  secret: 'PASSWORD',
  named: {
    onBroker: (name) => `${name}_${new Date().toISOString().slice(0, 10).replaceAll('-', '')}`,
    key: (name) => `${name}_{YYYYMMDD}`
  }
})

export const babamul = overKafka(BabamulAlertStream, {
  options: () => ({ URL: kafka()!.saslPlaintext, ...scram }),
  secret: 'PASSWORD',
  groupPrefix: 'babamul-'
})
