import { text } from '../contract/options.ts'
import { renamed } from '../kafka/topic-names.ts'
import { kafkaFields, kafkaStream } from './kafka.ts'

const { TESTID: _, ...fields } = kafkaFields({ START_POSITION: 'EARLIEST', TLS: false })

/** Fink: a filter is a topic, a survey a host. The schema of an alert is its key. */
export const FinkAlertStream = kafkaStream({
  doc: 'Reads filters of Fink. The URL is kafka-ztf.fink-broker.org:24499, or that of LSST.',
  fields: {
    ...fields,
    GROUP_ID: text('consumer group: the one that Fink gave you, which is the credential', { required: true }),
    TOPIC: text('the topic that the key fink.stream stands for, as in tom_fink')
  },
  // Who has no password is not asked for a name either.
  common: ({ USERNAME, ...options }) => ({
    ...options,
    TESTID: undefined,
    USERNAME: options.PASSWORD === undefined ? undefined : USERNAME
  }),
  names: ({ TOPIC }) => (TOPIC === undefined ? undefined : renamed('fink.stream', TOPIC)),
  codec: 'avro-key',
  tomNames: ['tom_fink.alertstream.FinkAlertStream']
})
