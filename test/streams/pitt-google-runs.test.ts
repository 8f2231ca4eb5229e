import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { AlertStream, Delivery, StreamSetup } from '../../src/contract/stream.ts'
import { ztfAlerts } from '../../src/generate/index.ts'
import { PittGoogleAlertStream } from '../../src/streams/pitt-google.ts'
import { PittGoogleRestAlertStream } from '../../src/streams/pitt-google-rest.ts'
import { RecordingLog, streamSetup, TestRoom } from '../contract/index.ts'
import { Reading } from '../contract/reading.ts'
import { numbered, numberOf, type Published } from '../contract/stream-bench.ts'
import { optionsOf, type Options, restOptionsOf } from '../google/options.ts'
import { PubsubServer } from '../google/server.ts'
import { describePubsub, pubsub } from '../setup/services.ts'

const TOPIC = 'ztf-loop'

type Make = (options: Partial<Options>, setup: StreamSetup) => AlertStream

const makes: Readonly<Record<string, Make>> = {
  PittGoogleAlertStream: (options, setup) => new PittGoogleAlertStream(optionsOf(options), setup),
  PittGoogleRestAlertStream: (options, setup) => new PittGoogleRestAlertStream(restOptionsOf(options), setup)
}

function ztf(count: number): readonly Published[] {
  return [...ztfAlerts(7).take(count)].map(({ bytes }) => ({ key: null, headers: [], bytes }))
}

function message(name: string, value: string): Published {
  return { key: null, headers: [[name, Buffer.from(value)]], bytes: Buffer.from('{}') }
}

describePubsub('runs of Pitt-Google streams', () => {
  beforeAll(() => {
    process.env.PUBSUB_EMULATOR_HOST = pubsub()!.host
  })

  describe.each(Object.entries(makes))('%s', (_, make) => {
    async function bench() {
      const server = new PubsubServer(pubsub()!.host)
      const project = await server.newTopic(TOPIC)
      const log = new RecordingLog()
      const stateDir = mkdtempSync(join(tmpdir(), 'alertstreams-runs-'))
      onTestFinished(() => rmSync(stateDir, { recursive: true }))
      const open = async (options: Partial<Options> = {}) => {
        const room = new TestRoom()
        const setup = streamSetup({ topics: [TOPIC], log, room, stateDir })
        const stream = make({ PROJECT: project, TOPIC_PROJECT: project, ...options }, setup)
        return { stream, reading: await Reading.start(stream, room) }
      }
      return { server, project, log, open }
    }

    test('MAX_RESULTS ends a run, and what lies beyond is not acknowledged', async () => {
      const { server, project, log, open } = await bench()
      await server.newSubscription(project, TOPIC)
      const ids = await server.publish(project, TOPIC, numbered(30))
      const { reading } = await open({ MAX_RESULTS: 12 })
      const taken = await reading.take(12)
      await reading.end()
      reading.ack(taken)
      await reading.close()
      expect(reading.deliveries).toHaveLength(12)
      expect(await server.unfinished(project, TOPIC, ids)).toHaveLength(18)
      expect(log.texts('info').join()).toContain('12 alerts were read')
    })

    test('a stream that is opened again goes on counting', async () => {
      const { server, project, log } = await bench()
      await server.newSubscription(project, TOPIC)
      const options = { PROJECT: project, TOPIC_PROJECT: project, MAX_RESULTS: 10 }
      const all = make === makes.PittGoogleAlertStream ? optionsOf(options) : restOptionsOf(options)
      const Class = make === makes.PittGoogleAlertStream ? PittGoogleAlertStream : PittGoogleRestAlertStream
      const seen: Delivery[] = []
      for (const count of [4, 6]) {
        await server.publish(project, TOPIC, numbered(count === 4 ? 4 : 20))
        const room = new TestRoom()
        const setup = streamSetup({ topics: [TOPIC], log, room })
        const reading = await Reading.start(new Class(all as never, setup), room)
        const taken = await reading.take(count)
        seen.push(...taken)
        reading.ack(taken)
        if (count === 6) await reading.end()
        await reading.close()
      }
      expect(seen).toHaveLength(10)
    })

    test('TIMEOUT ends a run after so long without a message, and not before', async () => {
      const { server, project, open } = await bench()
      await server.newSubscription(project, TOPIC)
      const start = Date.now()
      const { reading } = await open({ TIMEOUT: 2 })
      for (let n = 0; n < 3; n++) {
        await server.publish(project, TOPIC, numbered(1))
        reading.ack(await reading.take(1))
        await pause(1_200)
      }
      expect(reading.isOver).toBe(false)
      await reading.end()
      expect(Date.now() - start).toBeGreaterThan(4_300)
      expect(Date.now() - start).toBeLessThan(9_000)
      await reading.close()
    })

    test('SUBSCRIPTION_FILTER and ORDERED are those of the subscription that is made', async () => {
      const { server, project, log, open } = await bench()
      const filter = 'attributes."kafka.topic" = "a" AND NOT attributes:other'
      const first = await open({ SUBSCRIPTION_FILTER: filter, ORDERED: true })
      const path = `projects/${project}/subscriptions/${TOPIC}`
      expect(await server.call('GET', path)).toMatchObject({ filter, enableMessageOrdering: true })
      await server.publish(
        project,
        TOPIC,
        ['a', 'b', 'a'].map((value) => message('kafka.topic', value))
      )
      first.reading.ack(await first.reading.take(2))
      expect(await first.reading.rest(800)).toEqual([])
      await first.reading.close()
      expect(log.texts('warn')).toEqual([])

      const second = await open({ SUBSCRIPTION_FILTER: 'attributes:other' })
      await second.reading.close()
      expect(log.texts('warn').join()).toContain(`was made with the filter ${filter}; Pub/Sub cannot change that`)
    })

    test('START_POSITION brings again what was published since, once', async () => {
      const { server, project, open, log } = await bench()
      await server.newSubscription(project, TOPIC, { retainAckedMessages: true })
      await server.publish(project, TOPIC, numbered(3))
      await pause(2_100)
      const written = new Date().toISOString()
      await server.publish(project, TOPIC, numbered(5).slice(3))
      const first = await open()
      first.reading.ack(await first.reading.take(5))
      await first.reading.close()

      const START_POSITION = { written, at: Date.parse(written) }
      const again = await open({ START_POSITION })
      expect((await again.reading.take(2)).map(numberOf).sort()).toEqual([3, 4])
      again.reading.ack(again.reading.deliveries)
      expect(await again.reading.rest(700)).toEqual([])
      await again.reading.close()
      expect(log.texts('info').join()).toContain(`begins at ${written.slice(0, 19)}`)

      const restarted = await open({ START_POSITION })
      expect(await restarted.reading.rest(1_200)).toEqual([])
      await restarted.reading.close()
      const other = await open({ START_POSITION: { written: '-1h', at: -3_600_000 } })
      expect((await other.reading.take(5)).map(numberOf).sort()).toEqual([0, 1, 2, 3, 4])
      await other.reading.close()
    })

    test('alerts beyond CLASSTAR_THRESHOLD are passed over, and MAX_RESULTS does not count them', async () => {
      const { server, project, open } = await bench()
      await server.newSubscription(project, TOPIC)
      await server.publish(project, TOPIC, ztf(40))
      const { stream, reading } = await open({ CLASSTAR_THRESHOLD: 0.5, CLASSTAR_GT_LT: 'gt', MAX_RESULTS: 3 })
      while (!reading.isOver) reading.ack(await reading.rest(50))
      const kept = reading.deliveries.filter(({ message }) => !stream.ignores!(message))
      expect(kept).toHaveLength(3)
      for (const { message } of reading.deliveries) {
        const { candidate } = stream.codec.decode(message) as { candidate: { classtar: number } }
        expect(stream.ignores!(message)).toBe(candidate.classtar < 0.5)
      }
      await reading.close()
    })

    test('light alerts are what the TOM keeps of them, and their bytes stay', async () => {
      const { server, project, open } = await bench()
      await server.newSubscription(project, TOPIC)
      const [alert] = ztf(1)
      await server.publish(project, TOPIC, [alert!])
      const { stream, reading } = await open({ LIGHTEN_ALERTS: true })
      const [{ message } = { message: undefined }] = await reading.take(1)
      const light = stream.codec.decode(message!) as object
      expect(Object.keys(light)).toEqual(['objectId', 'candid', 'jd', 'ra', 'dec', 'magpsf', 'classtar'])
      expect(Buffer.compare(message!.bytes!, Buffer.from(alert!.bytes!))).toBe(0)
      await reading.close()
    })
  })
})
