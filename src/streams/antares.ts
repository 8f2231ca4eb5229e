import { text } from '../contract/options.ts'
import { withoutPrefix } from '../kafka/topic-names.ts'
import { kafkaFields, kafkaStream } from './kafka.ts'

const {
  USERNAME: _,
  PASSWORD: __,
  ...fields
} = kafkaFields({
  URL: 'kafka.antares.noirlab.edu:9092',
  START_POSITION: 'EARLIEST',
  MECHANISM: 'PLAIN',
  TLS: true,
  VERIFY_HOSTNAME: false
})

/** ANTARES: each filter's tag is a topic, on the broker with `client.` before it. */
export const AntaresAlertStream = kafkaStream({
  doc:
    'Reads tags of ANTARES. Its certificate authority is its own: name the file antares_client/certificates/kafka-ca.pem ' +
    'of the Python package antares-client in SSL_CA_LOCATION.',
  fields: {
    API_KEY: text('what ANTARES gave you', { required: true }),
    API_SECRET: text('what ANTARES gave you with it', { required: true, secret: true }),
    ...fields,
    GROUP_ID: text('consumer group, a name of your own; left out: API_KEY-alertstreams', { aliases: ['GROUP'] })
  },
  common: ({ API_KEY, API_SECRET, ...options }) => ({
    ...options,
    USERNAME: API_KEY,
    PASSWORD: API_SECRET
  }),
  names: () => withoutPrefix('client.'),
  codec: 'antares',
  tomNames: ['tom_alertstreams.alertstreams.antares.AntaresAlertStream']
})
