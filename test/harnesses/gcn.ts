import { GcnAlertStream } from '../../src/streams/gcn.ts'
import type { StreamHarness } from '../contract/stream-bench.ts'
import { startTokenServer, type TokenServer } from '../services/token-server.ts'
import { kafka } from '../setup/services.ts'
import { overKafka } from './kafka.ts'

/** Of the test that runs. */
let server: TokenServer | undefined

const tested = overKafka(GcnAlertStream, {
  options: () => {
    const { url, clientId, clientSecret } = server!
    const credential = { CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, TOKEN_URL: url }
    return { URL: kafka()!.saslSsl, SSL_CA_LOCATION: kafka()!.caFile, ...credential }
  },
  secret: 'CLIENT_SECRET'
})

/** OAUTHBEARER with signed tokens, of a token server on this machine. */
export const gcn: StreamHarness = {
  ...tested,
  async setUp() {
    server = await startTokenServer(kafka()!.oauthKeyFile!)
    const { close } = server
    const stage = await tested.setUp()
    return {
      ...stage,
      async tearDown() {
        await stage.tearDown()
        await close()
      }
    }
  }
}
