import { kafkaFields, kafkaStream } from './kafka.ts'

/** Babamul: the public streams of BOOM, which joins ZTF and LSST. */
export const BabamulAlertStream = kafkaStream({
  doc: 'Reads topics of Babamul (BOOM). USERNAME and PASSWORD are those of the Kafka credential on its profile page.',
  fields: kafkaFields({
    URL: 'kaboom.caltech.edu:9093',
    START_POSITION: 'LATEST',
    MECHANISM: 'SCRAM-SHA-512',
    TLS: false
  }),
  groupPrefix: 'babamul-'
})
