import { text } from '../contract/options.ts'
import { kafkaFields, kafkaStream } from './kafka.ts'

/** Lasair: each filter that is saved in its web account is a topic, open to anyone. */
export const LasairAlertStream = kafkaStream({
  doc: 'Reads filters of Lasair (LSST; for ZTF set URL to kafka.lsst.ac.uk:9092), which are JSON and need no credentials.',
  fields: {
    ...kafkaFields({ URL: 'lasair-lsst-kafka_pub.lsst.ac.uk:9092', START_POSITION: 'EARLIEST', TLS: false }),
    GROUP_ID: text('consumer group, a name of your own; a new one begins with what Lasair has kept, about 7 days', {
      required: true
    })
  },
  codec: 'json'
})
