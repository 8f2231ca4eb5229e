import { HopskotchAlertStream } from '../../src/streams/hopskotch.ts'
import { kafka } from '../setup/services.ts'
import { overKafka, PASSWORD } from './kafka.ts'

const alice = { USERNAME: 'alice', PASSWORD }

/** SCRAM over TLS. */
export const hopskotch = overKafka(HopskotchAlertStream, {
  options: () => ({ URL: kafka()!.saslSsl, SSL_CA_LOCATION: kafka()!.caFile, ...alice }),
  secret: 'PASSWORD',
  groupPrefix: 'alice-'
})

/** PLAIN over TLS with a certificate authority of its own, by a name that the certificate does not have. */
export const hopskotchPlain = overKafka(HopskotchAlertStream, {
  options: () => ({
    URL: kafka()!.saslSsl!.replace('127.0.0.1', '127.1'),
    SSL_CA_LOCATION: kafka()!.caFile,
    VERIFY_HOSTNAME: false,
    MECHANISM: 'PLAIN',
    ...alice
  }),
  secret: 'PASSWORD',
  groupPrefix: 'alice-'
})
