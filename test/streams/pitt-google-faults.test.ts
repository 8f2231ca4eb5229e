import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Delivery, StreamEvent } from '../../src/contract/stream.ts'
import { PittGoogleAlertStream } from '../../src/streams/pitt-google.ts'
import { type Published, RecordingLog, streamSetup, TestRoom } from '../contract/index.ts'
import { Reading } from '../contract/reading.ts'
import { type Options, optionsOf } from '../google/options.ts'
import { PubsubServer } from '../google/server.ts'
import { type RunningPubsub, startPubsub } from '../services/pubsub.ts'
import { describePubsub } from '../setup/services.ts'

const TOPIC = 'ztf-loop'

function message(bytes: Uint8Array | string = 'x', key: string | null = null): Published {
  return { key: key === null ? null : Buffer.from(key), headers: [], bytes: Buffer.from(bytes) }
}

/** The numbers from one to before another, each as a message. */
function texts(from: number, to: number): readonly Published[] {
  return upTo(to)
    .slice(from)
    .map((number) => message(`${number}`))
}

function numbersOf(deliveries: readonly Delivery[]): number[] {
  return deliveries
    .map(({ message }) =>
      Number(
        Buffer.from(message.bytes ?? [])
          .toString()
          .trim()
      )
    )
    .sort((a, b) => a - b)
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

// A server of its own: faults are for all that it serves.
describePubsub('PittGoogleAlertStream under faults', () => {
  let running: RunningPubsub
  let server: PubsubServer
  let project: string

  beforeAll(async () => {
    running = await startPubsub()
    server = new PubsubServer(running.host)
    process.env.PUBSUB_EMULATOR_HOST = running.host
  })
  afterAll(() => running?.stop())

  interface Bench {
    readonly stream: PittGoogleAlertStream
    readonly log: RecordingLog
    readonly events: StreamEvent[]
    readonly room: TestRoom
  }

  /** A stream over a new topic, or over that of `project`. */
  async function bench(options: Partial<Options> = {}, room = new TestRoom(), topics = [TOPIC]): Promise<Bench> {
    project = options.PROJECT ?? (await server.newTopic(TOPIC))
    const log = new RecordingLog()
    const events: StreamEvent[] = []
    const setup = streamSetup({ topics, log, room, note: (event) => events.push(event) })
    const all = optionsOf({ PROJECT: project, TOPIC_PROJECT: project, ...options })
    return { stream: new PittGoogleAlertStream(all, setup), log, events, room }
  }

  async function refusal(stream: PittGoogleAlertStream): Promise<unknown> {
    const start = Date.now()
    const error = await stream.connect(AbortSignal.timeout(30_000)).then(
      () => undefined,
      (thrown: unknown) => thrown
    )
    expect(Date.now() - start).toBeLessThan(10_000)
    await stream.close()
    return error
  }

  const subscriptionPath = () => `projects/${project}/subscriptions/${TOPIC}`
  const unfinished = (ids: readonly string[]) => server.unfinished(project, TOPIC, ids)

  test('the first connect creates the subscription, the next one finds it', async () => {
    const first = await bench({ SUBSCRIPTION: 'mine-{topic}' })
    await first.stream.connect(AbortSignal.timeout(10_000))
    await first.stream.close()
    const path = `projects/${project}/subscriptions/mine-${TOPIC}`
    expect(await server.call('GET', path)).toMatchObject({ topic: `projects/${project}/topics/${TOPIC}` })
    expect(first.log.texts('info').join()).toContain(`created ${path} on projects/${project}/topics/${TOPIC}`)

    const second = await bench({ PROJECT: project, TOPIC_PROJECT: 'elsewhere', SUBSCRIPTION: 'mine-{topic}' })
    await second.stream.connect(AbortSignal.timeout(10_000))
    await second.stream.close()
    expect(second.log.texts('info').join()).toContain(`${path} exists`)
    expect(second.log.texts('warn').join()).toContain(`not from projects/elsewhere/topics/${TOPIC}`)
  })

  test('without a topic there is nothing to subscribe to', async () => {
    const { stream } = await bench({ TOPIC_PROJECT: 'elsewhere' })
    const error = await refusal(stream)
    expect(error).toMatchObject({ code: 'SUBSCRIPTION_MISSING', remedy: expect.stringContaining('TOPIC_HANDLERS') })
    expect(String(error)).toContain(subscriptionPath())
    expect(String(error)).toContain(`projects/elsewhere/topics/${TOPIC}`)
  })

  test.each([
    ['UNAUTHENTICATED', 'CREDENTIALS_REFUSED'],
    ['PERMISSION_DENIED', 'CREDENTIALS_REFUSED'],
    ['INVALID_ARGUMENT', 'CONFIG_INVALID'],
    ['UNAVAILABLE', 'CONNECT_FAILED']
  ])('%s at connect is %s', async (status, code) => {
    const { stream } = await bench()
    await running.admin(`fault?method=GetSubscription&code=${status}&n=1`)
    const error = await refusal(stream)
    expect(error).toMatchObject({ code, remedy: expect.stringMatching(/\S/) })
    expect(String(error)).toContain(project)
    expect(String(error)).toContain('under-test')
  })

  test('a server that takes the connection and never answers is CONNECT_FAILED', async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const address = silent.address()
    process.env.PUBSUB_EMULATOR_HOST = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
    try {
      const { stream } = await bench()
      expect(await refusal(stream)).toMatchObject({ code: 'CONNECT_FAILED' })
    } finally {
      process.env.PUBSUB_EMULATOR_HOST = running.host
      silent.close()
    }
  })

  test('what waits behind a message that fills the room comes when it is done', async () => {
    project = await server.newTopic(TOPIC)
    // The client looks at these messages twice, and so at several at once.
    await server.newSubscription(project, TOPIC, { enableExactlyOnceDelivery: true })
    const { stream, room } = await bench({ PROJECT: project, MAX_STREAMS: 1 }, new TestRoom(2_500))
    const reading = await Reading.start(stream, room)
    // The server sends the two in any order: the large one has to be the first in some of the rounds.
    for (const round of upTo(12)) {
      await server.publish(project, TOPIC, [message(`${2 * round}`.padEnd(3_000)), message(`${2 * round + 1}`)])
      for (const _ of upTo(2)) {
        const next = await reading.take(1)
        await pause(50)
        reading.ack(next)
      }
    }
    expect(numbersOf(reading.deliveries)).toEqual(upTo(24))
    await reading.close()
  })

  test('an alert of 67 kB arrives byte for byte', async () => {
    const bytes = randomBytes(66_879)
    const { stream, room } = await bench()
    const reading = await Reading.start(stream, room)
    await server.publish(project, TOPIC, [message(bytes)])
    const taken = await reading.take(1)
    expect(Buffer.compare(bytes, taken[0]?.message.bytes ?? Buffer.alloc(0))).toBe(0)
    reading.ack(taken)
    await reading.close()
  })

  test('work that takes longer than the ack deadline is delivered once', { timeout: 40_000 }, async () => {
    // One connection each: the server offers a message whose lease has ended to the next connection, the other's.
    const { stream, room } = await bench({ MAX_STREAMS: 1 })
    const reading = await Reading.start(stream, room)
    const ids = await server.publish(project, TOPIC, [message()])
    const taken = await reading.take(1)
    const other = await bench({ PROJECT: project, MAX_STREAMS: 1 })
    const otherReading = await Reading.start(other.stream, other.room)
    expect(await otherReading.rest(12_500)).toEqual([])
    reading.ack(taken)
    expect(await reading.rest(1_000)).toEqual([])
    await reading.close()
    expect(await unfinished(ids)).toEqual([])
    await otherReading.close()
  })

  test('a reset connection with work in flight loses nothing', { timeout: 60_000 }, async () => {
    const { stream, room } = await bench()
    const reading = await Reading.start(stream, room)
    const early = await server.publish(project, TOPIC, texts(0, 50))
    const before = await reading.take(20)
    expect(await running.admin('kick')).toMatchObject({ closed: expect.any(Number) })
    const late = await server.publish(project, TOPIC, texts(50, 100))
    reading.ack(before)
    const after = await reading.take(80)
    reading.ack(after)
    expect(numbersOf([...before, ...after])).toEqual(upTo(100))
    await reading.close()
    expect(await unfinished([...early, ...late])).toEqual([])
  })

  test('an outage is noted, and so is its end', { timeout: 60_000 }, async () => {
    const { stream, room, events } = await bench()
    const reading = await Reading.start(stream, room)
    await server.publish(project, TOPIC, [message('0')])
    reading.ack(await reading.take(1))
    await running.admin('down?ms=3000')
    await expect.poll(() => events.map(({ kind }) => kind), { timeout: 10_000 }).toContain('waiting')
    await expect.poll(() => events.map(({ kind }) => kind), { timeout: 20_000 }).toContain('reading')
    await server.publish(project, TOPIC, [message('1')])
    reading.ack(await reading.take(1))
    await reading.close()
    expect(events.at(-1)?.kind).toBe('committed')
  })

  test('a redelivery of what is in flight does not run again, and the ack counts', { timeout: 60_000 }, async () => {
    const { stream, room } = await bench()
    const reading = await Reading.start(stream, room)
    const ids = await server.publish(project, TOPIC, [message()])
    const taken = await reading.take(1)
    // The server takes its first handle for lost, hands out a second, and ignores the first from then on.
    const first = { ackIds: [`${ids[0]}:1`], ackDeadlineSeconds: 0 }
    await server.call('POST', `${subscriptionPath()}:modifyAckDeadline`, first)
    expect(await reading.rest(1_500)).toEqual([])
    reading.ack(taken)
    await reading.close()
    expect(await unfinished(ids)).toEqual([])
  })

  test('what was prefetched and not handed out goes back at once when reading stops', async () => {
    const room = new TestRoom(2_500)
    const { stream } = await bench({}, room)
    await stream.connect(AbortSignal.timeout(10_000))
    await server.publish(
      project,
      TOPIC,
      upTo(6).map((number) => message(`${number}`.padEnd(1_000)))
    )
    const stop = new AbortController()
    const read = stream.read(stop.signal)
    const first = (await read.next()).value ?? []
    await pause(500)
    stop.abort()
    // The first batch is still in hand, and the generator has not been asked again.
    const pulled = () => server.call('POST', `${subscriptionPath()}:pull`, { maxMessages: 10 })
    await expect.poll(pulled, { timeout: 5_000 }).toHaveProperty('receivedMessages')
    for (const delivery of first) delivery.ack()
    await stream.close()
  })

  test('acks given right before close arrive, and the process ends by itself', { timeout: 40_000 }, async () => {
    const { stream } = await bench()
    await stream.connect(AbortSignal.timeout(10_000))
    await stream.close()
    const ids = await server.publish(project, TOPIC, texts(0, 200))
    const script = join(import.meta.dirname, '../google/drain-and-exit.ts')
    const args = ['--disable-warning=ExperimentalWarning', script, project, TOPIC, '200']
    const start = Date.now()
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 })
    expect(stdout).toContain('closed after 200')
    expect(Date.now() - start).toBeLessThan(10_000)
    expect(await unfinished(ids)).toEqual([])
  })

  test('a deleted subscription ends read; reopening makes it again', { timeout: 60_000 }, async () => {
    const { stream, room } = await bench()
    const reading = await Reading.start(stream, room)
    await server.call('DELETE', subscriptionPath())
    await running.admin('kick')
    await expect(reading.end()).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: expect.stringContaining('gone')
    })
    await stream.close()
    const again = await bench({ PROJECT: project })
    await again.stream.connect(AbortSignal.timeout(10_000))
    await again.stream.close()
    expect(again.log.texts('info').join()).toContain(`created ${subscriptionPath()}`)
  })

  test('a permission lost while reading is CREDENTIALS_REFUSED', { timeout: 60_000 }, async () => {
    const { stream, room } = await bench({ MAX_STREAMS: 1 })
    const reading = await Reading.start(stream, room)
    await running.admin('fault?method=StreamingPull&code=PERMISSION_DENIED&n=1')
    await running.admin('kick')
    await expect(reading.end()).rejects.toMatchObject({ code: 'CREDENTIALS_REFUSED' })
    await stream.close()
  })

  test('on an exactly-once subscription acks are confirmed', async () => {
    project = await server.newTopic(TOPIC)
    await server.newSubscription(project, TOPIC, { enableExactlyOnceDelivery: true })
    const { stream, room, events, log } = await bench({ PROJECT: project })
    const reading = await Reading.start(stream, room)
    const ids = await server.publish(project, TOPIC, [message()])
    reading.ack(await reading.take(1))
    await expect.poll(() => events.map(({ kind }) => kind)).toContain('committed')
    await reading.close()
    expect(log.texts('warn')).toEqual([])
    expect(await unfinished(ids)).toEqual([])
  })

  test('exactly-once messages on their way when reading stops go back', { timeout: 60_000 }, async () => {
    project = await server.newTopic(TOPIC)
    await server.newSubscription(project, TOPIC, { enableExactlyOnceDelivery: true })
    const { stream } = await bench({ PROJECT: project })
    await stream.connect(AbortSignal.timeout(10_000))
    const published = Promise.all(upTo(20).map((i) => server.publish(project, TOPIC, texts(40 * i, 40 * (i + 1)))))
    const taken: Delivery[] = []
    for await (const batch of stream.read(AbortSignal.timeout(20_000))) {
      taken.push(...batch)
      break
    }
    for (const delivery of taken) delivery.ack()
    const start = Date.now()
    await stream.close()
    expect(Date.now() - start).toBeLessThan(8_000)
    const ids = (await published).flat()
    const acked = new Set(taken.map(({ message }) => message.id))
    expect([...(await unfinished(ids))].sort()).toEqual(ids.filter((id) => !acked.has(id)).sort())
  })

  // Again where the messages have not even arrived within the pause.
  test('exactly-once messages that come as reading stops are not kept from others', {
    timeout: 40_000,
    retry: 2
  }, async () => {
    project = await server.newTopic(TOPIC)
    await server.newSubscription(project, TOPIC, { enableExactlyOnceDelivery: true })
    const { stream } = await bench({ PROJECT: project })
    await stream.connect(AbortSignal.timeout(10_000))
    const stop = new AbortController()
    const batches = stream.read(stop.signal)
    await server.publish(project, TOPIC, [message('in hand')])
    const inHand = (await batches.next()).value ?? []
    const ids = await server.publish(project, TOPIC, texts(0, 5))
    // Arrived, and their lease not confirmed yet: the client shows them to nobody.
    await pause(60)
    stop.abort()
    await pause(500)
    for (const delivery of inHand) delivery.ack()
    await stream.close()
    const pulled = new Set<string>()
    const pull = async () => {
      const answer = await server.call('POST', `${subscriptionPath()}:pull`, { maxMessages: 10 })
      const { receivedMessages = [] } = answer as { receivedMessages?: { message: { messageId: string } }[] }
      for (const { message } of receivedMessages) pulled.add(message.messageId)
      return [...pulled].sort()
    }
    await expect.poll(pull, { timeout: 4_000 }).toEqual([...ids].sort())
  })

  test('two topics are read side by side, equal ids apart', async () => {
    project = await server.newTopic(TOPIC)
    await server.call('PUT', `projects/${project}/topics/lvk-alerts`)
    const { stream, room } = await bench({ PROJECT: project }, new TestRoom(), [TOPIC, 'lvk-alerts', '*'])
    const reading = await Reading.start(stream, room)
    await server.publish(project, TOPIC, [message('a', 'one')])
    await server.publish(project, 'lvk-alerts', [message('b', 'one')])
    const taken = await reading.take(2)
    expect(taken.map(({ message }) => message.topic).sort()).toEqual(['lvk-alerts', TOPIC])
    expect(new Set(taken.map(({ partition }) => partition)).size).toBe(2)
    reading.ack(taken)
    await reading.close()
  })
})
