import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { StreamSetup } from '../../src/contract/stream.ts'
import { PittGoogleAlertStream } from '../../src/streams/pitt-google.ts'
import { type StreamHarness, streamSetup } from '../contract/stream-bench.ts'
import { type Options, optionsOf } from '../google/options.ts'
import { PubsubServer } from '../google/server.ts'
import { pubsub } from '../setup/services.ts'

/** Nobody listens there. */
const CLOSED = '127.0.0.1:9'
const TOPIC = 'ztf-loop'
const SECRET = 'not-a-key-but-secret'
const host = pubsub()?.host ?? CLOSED

/** Subscriptions of the Pub/Sub server of this test run. */
export const pittGoogle: StreamHarness = {
  promises: {
    ordered: false,
    redelivers: 'at once',
    remembers: true,
    ends: false,
    keepsKey: 'text',
    keepsHeaders: 'text',
    keepsNull: false
  },
  secrets: [SECRET],
  async setUp() {
    const server = new PubsubServer(host)
    const project = await server.newTopic(TOPIC)
    await server.newSubscription(project, TOPIC)
    return {
      publish: async (messages) => {
        await server.publish(project, TOPIC, messages)
      },
      open: (over) => open(over, { PROJECT: project, TOPIC_PROJECT: project }),
      tearDown: async () => {}
    }
  },
  unreachable: (over) => open(over, { PROJECT: 'nobody' }, CLOSED),
  refused: (over) => {
    const folder = mkdtempSync(join(tmpdir(), 'alertstreams-pitt-google-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const KEY_FILE = join(folder, 'key.json')
    writeFileSync(KEY_FILE, JSON.stringify({ type: 'service_account', client_email: 'me@x.iam', private_key: SECRET }))
    return open(over, { PROJECT: 'nobody', KEY_FILE }, '')
  }
}

function open(over: Partial<StreamSetup>, options: Partial<Options>, emulator: string | undefined = host) {
  if (emulator === '') delete process.env.PUBSUB_EMULATOR_HOST
  else process.env.PUBSUB_EMULATOR_HOST = emulator
  return new PittGoogleAlertStream(optionsOf(options), streamSetup({ topics: [TOPIC], ...over }))
}
