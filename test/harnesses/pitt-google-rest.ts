import type { StreamSetup } from '../../src/contract/stream.ts'
import { PittGoogleRestAlertStream } from '../../src/streams/pitt-google-rest.ts'
import { type StreamHarness, streamSetup } from '../contract/stream-bench.ts'
import { canary, Google, loginFile, refused, unreachable } from '../google/google.ts'
import { type RestOptions, restOptionsOf } from '../google/options.ts'
import { PubsubServer } from '../google/server.ts'
import { pubsub } from '../setup/services.ts'
import { pittGoogle } from './pitt-google.ts'

const TOPIC = 'ztf-loop'
const host = pubsub()?.host ?? '127.0.0.1:9'

/** Subscriptions of the Pub/Sub server of this test run, behind a door that wants tokens. */
export const pittGoogleRest: StreamHarness = {
  promises: pittGoogle.promises,
  secrets: Object.values(canary),
  async setUp() {
    const server = new PubsubServer(host)
    const google = await Google.start(`http://${host}`)
    const project = await server.newTopic(TOPIC)
    await server.newSubscription(project, TOPIC)
    const options = {
      PROJECT: project,
      TOPIC_PROJECT: project,
      ENDPOINT: google.url,
      TOKEN_FILE: loginFile(google.url)
    }
    return {
      publish: async (messages) => {
        await server.publish(project, TOPIC, messages)
      },
      open: (over) => open(over, options),
      tearDown: () => google.close()
    }
  },
  unreachable: async (over) => open(over, await unreachable()),
  refused: async (over) => open(over, await refused())
}

function open(over: Partial<StreamSetup>, options: Partial<RestOptions>) {
  delete process.env.PUBSUB_EMULATOR_HOST
  return new PittGoogleRestAlertStream(restOptionsOf(options), streamSetup({ topics: [TOPIC], ...over }))
}
