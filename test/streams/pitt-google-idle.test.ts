import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test, vi } from 'vitest'
import { PittGoogleAlertStream } from '../../src/streams/pitt-google.ts'
import { optionsOf } from '../google/options.ts'
import { PubsubServer } from '../google/server.ts'
import { RunningApp } from '../fakes/running-app.ts'
import { describePubsub, pubsub } from '../setup/services.ts'

const TOPIC = 'ztf-loop'

describePubsub('an idle PittGoogleAlertStream', () => {
  beforeAll(() => {
    process.env.PUBSUB_EMULATOR_HOST = pubsub()!.host
  })

  test('is reopened, and messages that come meanwhile are neither lost nor repeated', { timeout: 60_000 }, async () => {
    const server = new PubsubServer(pubsub()!.host)
    const project = await server.newTopic(TOPIC)
    await server.newSubscription(project, TOPIC)
    const seen: string[] = []
    let opened = 0
    await using app = new RunningApp(undefined, {
      make: (setup) => {
        opened++
        const stream = new PittGoogleAlertStream(optionsOf({ PROJECT: project }), { ...setup, topics: [TOPIC] })
        return Object.defineProperty(stream, 'patience', { value: 0.4 })
      },
      call: (alert) => void seen.push(Buffer.from(alert.bytes!).toString())
    })
    const count = 40
    for (let n = 0; n < count; n++) {
      const bytes = Buffer.from(String(n))
      await server.publish(project, TOPIC, [{ key: null, headers: [], bytes }])
      // Pauses around the time at which it is reopened.
      await sleep(Math.random() * 700)
    }
    await vi.waitFor(() => expect(seen).toHaveLength(count), 20_000)
    expect(opened).toBeGreaterThan(5)
    await sleep(1000)
    expect(seen.map(Number).toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n))
    expect(app.account).toMatchObject({ stalls: 0 })
    expect(app.log.texts('error')).toEqual([])
  })
})
