import { AlertStreamsError } from '../contract/errors.ts'
import { choice, map, type OptionsOf, text } from '../contract/options.ts'
import type { Completed } from '../contract/stream.ts'
import { brokers, tokenUrl } from '../kafka/addresses.ts'
import { fromLibrdkafka } from '../kafka/librdkafka.ts'
import { kafkaFields, kafkaStream } from './kafka.ts'

const { USERNAME: _, PASSWORD: __, MECHANISM: ___, ...common } = kafkaFields({ START_POSITION: 'LATEST' })

const fields = {
  ...common,
  CLIENT_ID: text('of the credential that you made at https://gcn.nasa.gov/quickstart', {
    required: true,
    aliases: ['GCN_CLASSIC_CLIENT_ID', 'GCN_KAFKA_CLIENT_ID']
  }),
  CLIENT_SECRET: text('its secret', {
    required: true,
    secret: true,
    aliases: ['GCN_CLASSIC_CLIENT_SECRET', 'GCN_KAFKA_CLIENT_SECRET']
  }),
  DOMAIN: choice(
    'which GCN; each has credentials of its own',
    ['gcn.nasa.gov', 'test.gcn.nasa.gov', 'dev.gcn.nasa.gov'],
    {
      fallback: 'gcn.nasa.gov'
    }
  ),
  URL: brokers('the brokers; left out: kafka.DOMAIN'),
  TOKEN_URL: tokenUrl('the address of the token server; left out: https://auth.DOMAIN/oauth2/token'),
  GROUP_ID: text('consumer group, any name; left out: CLIENT_ID-alertstreams'),
  KAFKA_CONFIG: map('settings of librdkafka, as gcn-kafka takes them; those that have an equivalent here win over it', {
    aliases: ['CONFIG']
  })
}

type GcnOptions = OptionsOf<typeof fields>

/** NASA GCN: notices, circulars and gravitational-wave alerts, each type a topic. */
export const GcnAlertStream = kafkaStream({
  doc: "Reads topics of NASA's GCN, which are there while they hold an alert of the past few days.",
  fields,
  complete,
  common: ({ DOMAIN, URL, TOKEN_URL, ...options }) => ({
    ...options,
    USERNAME: undefined,
    PASSWORD: undefined,
    MECHANISM: 'OAUTHBEARER',
    URL: URL ?? { hosts: [`kafka.${DOMAIN}:9092`], username: undefined },
    TOKEN_URL: TOKEN_URL ?? `https://auth.${DOMAIN}/oauth2/token`
  }),
  codec: 'gcn',
  absent: 'which there means that it has had no alert lately, or that these credentials may not see it',
  tomNames: [
    'tom_alertstreams.alertstreams.gcn.GCNClassicAlertStream',
    'tom_alertstreams.alertstreams.gcn.GCNKafkaAlertStream'
  ]
})

/** Reads KAFKA_CONFIG into the options. */
function complete({ KAFKA_CONFIG, ...options }: GcnOptions): Completed<GcnOptions> {
  if (KAFKA_CONFIG === undefined) return { options: { ...options, KAFKA_CONFIG } }
  const { options: given, others } = fromLibrdkafka(KAFKA_CONFIG)
  const values = Object.entries(given).map(([name, value]) => {
    const read = fields[name as keyof typeof fields].read(value)
    if ('value' in read) return [name, read.value]
    throw new AlertStreamsError('CONFIG_INVALID', `KAFKA_CONFIG, ${name}: ${read.problem}`)
  })
  return {
    options: { ...options, ...Object.fromEntries(values), KAFKA_CONFIG: undefined },
    warnings: others.map((name) => `KAFKA_CONFIG: ${name} has no equivalent here and is ignored`)
  }
}
