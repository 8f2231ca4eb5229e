import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { StreamSetup } from '../../src/contract/stream.ts'
import { PittGoogleAlertStream } from '../../src/streams/pitt-google.ts'
import { streamContract, streamSetup } from '../contract/index.ts'
import { type Options, optionsOf } from '../google/options.ts'
import { PubsubServer } from '../google/server.ts'
import { describePubsub, pubsub } from '../setup/services.ts'

/** Nobody listens there. */
const CLOSED = '127.0.0.1:9'

describePubsub('PittGoogleAlertStream', () => {
  const host = pubsub()?.host ?? CLOSED
  const server = new PubsubServer(host)
  const folder = mkdtempSync(join(tmpdir(), 'alertstreams-pitt-google-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  function open(over: Partial<StreamSetup>, options: Partial<Options>, emulator: string | undefined = host) {
    if (emulator === '') delete process.env.PUBSUB_EMULATOR_HOST
    else process.env.PUBSUB_EMULATOR_HOST = emulator
    return new PittGoogleAlertStream(optionsOf(options), streamSetup({ topics: ['ztf-loop'], ...over }))
  }

  streamContract('PittGoogleAlertStream', {
    promises: {
      ordered: false,
      redelivers: 'at once',
      remembers: true,
      ends: false,
      keepsKey: 'text',
      keepsHeaders: 'text',
      keepsNull: false
    },
    secrets: ['not-a-key-but-secret'],
    async setUp() {
      const topic = 'ztf-loop'
      const project = await server.newTopic(topic)
      await server.newSubscription(project, topic)
      return {
        publish: async (messages) => {
          await server.publish(project, topic, messages)
        },
        open: (over) => open(over, { PROJECT: project, TOPIC_PROJECT: project }),
        tearDown: async () => {}
      }
    },
    unreachable: (over) => open(over, { PROJECT: 'nobody' }, CLOSED),
    refused: (over) => {
      const KEY_FILE = join(folder, 'key.json')
      const key = { type: 'service_account', client_email: 'me@x.iam', private_key: 'not-a-key-but-secret' }
      writeFileSync(KEY_FILE, JSON.stringify(key))
      return open(over, { PROJECT: 'nobody', KEY_FILE }, '')
    }
  })
})
