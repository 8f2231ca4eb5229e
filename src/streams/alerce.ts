import { text } from '../contract/options.ts'
import { kafkaFields, kafkaStream } from './kafka.ts'

/**
 * ALeRCE: a topic a night, as `stamp_classifier_{YYYYMMDD}` (Avro containers) and `lc_classifier_{YYYYMMDD}` (bare Avro:
 * the route needs CODEC with the schema's file), which is made after the night's first data and kept for 48 h.
 */
export const AlerceAlertStream = kafkaStream({
  doc: 'Reads topics of ALeRCE, which has one a night: their keys have {YYYYMMDD} for the date.',
  fields: {
    ...kafkaFields({
      URL: 'kafka.alerce.science:9093',
      START_POSITION: 'EARLIEST',
      MECHANISM: 'SCRAM-SHA-256',
      TLS: false
    }),
    GROUP_ID: text('consumer group; it has to begin with the prefix that ALeRCE gave you', { required: true })
  }
})
