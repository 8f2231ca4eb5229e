import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StreamEvent } from '../../src/contract/stream.ts'
import { PittGoogleRestAlertStream } from '../../src/streams/pitt-google-rest.ts'
import { RecordingLog, streamSetup, TestRoom } from '../contract/index.ts'
import { numbered, numberOf } from '../contract/stream-bench.ts'
import { expectNone } from '../contract/secrets.ts'
import { Reading } from '../contract/reading.ts'
import { canary, Google, loginFile } from '../google/google.ts'
import { type RestOptions, restOptionsOf } from '../google/options.ts'
import { PubsubServer } from '../google/server.ts'
import { type RunningPubsub, startPubsub } from '../services/pubsub.ts'
import { describePubsub } from '../setup/services.ts'

const TOPIC = 'ztf-loop'

// A server of its own: faults are for all that it serves.
describePubsub('PittGoogleRestAlertStream under faults', () => {
  let running: RunningPubsub
  let server: PubsubServer
  let google: Google
  let project: string

  beforeAll(async () => {
    delete process.env.PUBSUB_EMULATOR_HOST
    running = await startPubsub()
    server = new PubsubServer(running.host)
    google = await Google.start(`http://${running.host}`)
  })
  afterAll(async () => {
    await google?.close()
    await running?.stop()
  })

  async function bench(options: Partial<RestOptions> = {}, room = new TestRoom()) {
    google.revoked = false
    google.faults.clear()
    google.calls.length = 0
    project = options.PROJECT ?? (await server.newTopic(TOPIC))
    const log = new RecordingLog()
    const events: StreamEvent[] = []
    const setup = streamSetup({ topics: [TOPIC], log, room, note: (event) => events.push(event) })
    const own = { PROJECT: project, TOPIC_PROJECT: project, ENDPOINT: google.url, TOKEN_FILE: loginFile(google.url) }
    return { stream: new PittGoogleRestAlertStream(restOptionsOf({ ...own, ...options }), setup), log, events, room }
  }

  async function reading(options: Partial<RestOptions> = {}, room = new TestRoom()) {
    const { stream, log, events } = await bench(options, room)
    return { stream, log, events, reading: await Reading.start(stream, room) }
  }

  const kinds = (events: readonly StreamEvent[]) => events.map(({ kind }) => kind)
  const countOf = (ending: string) => google.calls.filter((call) => call.endsWith(ending)).length

  test('the first connect creates the subscription, with its filter and ordering; the next one finds it', async () => {
    const nature = { SUBSCRIPTION_FILTER: 'attributes.number = "2"', ORDERED: true }
    const first = await reading(nature)
    expect(await server.call('GET', `projects/${project}/subscriptions/${TOPIC}`)).toMatchObject({
      filter: nature.SUBSCRIPTION_FILTER,
      enableMessageOrdering: true
    })
    await server.publish(project, TOPIC, numbered(4))
    expect((await first.reading.take(1)).map(numberOf)).toEqual([2])
    expect(await first.reading.rest(700)).toEqual([])
    await first.reading.close()
    const other = await bench({ PROJECT: project, SUBSCRIPTION_FILTER: 'attributes:other' })
    await other.stream.connect(AbortSignal.timeout(10_000))
    await other.stream.close()
    expect(other.log.texts('warn').join()).toContain(`was made with the filter ${nature.SUBSCRIPTION_FILTER}`)
  })

  test('work that takes longer than the ack deadline is delivered once', { timeout: 40_000 }, async () => {
    const one = await reading()
    const ids = await server.publish(project, TOPIC, numbered(1))
    const taken = await one.reading.take(1)
    expect(await one.reading.rest(13_000)).toEqual([])
    expect(countOf(':modifyAckDeadline')).toBeGreaterThan(0)
    one.reading.ack(taken)
    await one.reading.close()
    expect(await server.unfinished(project, TOPIC, ids)).toEqual([])
  })

  test('a redelivery of what is in flight does not run again, and the ack counts', async () => {
    const one = await reading()
    const ids = await server.publish(project, TOPIC, numbered(1))
    const taken = await one.reading.take(1)
    const first = { ackIds: [`${ids[0]}:1`], ackDeadlineSeconds: 0 }
    await server.call('POST', `projects/${project}/subscriptions/${TOPIC}:modifyAckDeadline`, first)
    expect(await one.reading.rest(1_500)).toEqual([])
    one.reading.ack(taken)
    await one.reading.close()
    expect(await server.unfinished(project, TOPIC, ids)).toEqual([])
  })

  test('a token that has ended is renewed, once', async () => {
    const one = await reading()
    google.good.clear()
    const before = google.given
    await server.publish(project, TOPIC, numbered(3))
    one.reading.ack(await one.reading.take(3))
    await one.reading.close()
    expect(google.given - before).toBe(1)
    expect(kinds(one.events)).not.toContain('waiting')
  })

  test.each([
    ['revoked while it reads', () => Object.assign(google, { revoked: true })],
    ['refused again after renewing', () => google.faults.set(':pull', { status: 401, count: 100 })]
  ])('a login %s is CREDENTIALS_REFUSED', async (_, revoke) => {
    const one = await reading()
    revoke()
    google.good.clear()
    const error = await one.reading.end().then(
      () => undefined,
      (thrown: unknown) => thrown
    )
    expect(error).toMatchObject({ code: 'CREDENTIALS_REFUSED', remedy: expect.stringContaining('alertstreams login') })
    await one.stream.close()
    expectNone(Object.values(canary), [error, one.log.lines])
  })

  test.each([429, 500, 503])('%i is ridden out, and noted', { timeout: 40_000 }, async (status) => {
    const one = await reading()
    google.faults.set(':pull', { status, count: 4 })
    google.faults.set('subscriptions/ztf-loop', { status, count: 1 })
    await server.publish(project, TOPIC, numbered(5))
    one.reading.ack(await one.reading.take(5))
    await expect
      .poll(() => kinds(one.events), { timeout: 15_000 })
      .toEqual(expect.arrayContaining(['waiting', 'reading']))
    await one.reading.close()
    expect(countOf(':pull')).toBeGreaterThan(4)
  })

  test('acks that fail in passing are sent again until they arrive', async () => {
    const one = await reading()
    google.faults.set(':acknowledge', { status: 503, count: 2 })
    const ids = await server.publish(project, TOPIC, numbered(5))
    one.reading.ack(await one.reading.take(5))
    await one.reading.close()
    expect(countOf(':acknowledge')).toBe(3)
    expect(kinds(one.events)).toContain('committed')
    expect(await server.unfinished(project, TOPIC, ids)).toEqual([])
  })

  test('acks that a subscription refuses are reported, those beside them count', async () => {
    const one = await reading()
    const ids = await server.publish(project, TOPIC, numbered(2))
    const taken = await one.reading.take(2)
    const metadata = { [`${ids[0]}:1`]: 'PERMANENT_FAILURE_INVALID_ACK_ID' }
    const body = {
      error: { code: 400, message: 'Some ids are invalid', status: 'FAILED_PRECONDITION', details: [{ metadata }] }
    }
    google.faults.set(':acknowledge', { status: 400, count: 1, body })
    one.reading.ack(taken)
    await one.reading.close()
    const warnings = one.log.lines.filter(({ level }) => level === 'warn')
    expect(warnings.map(({ fields }) => fields.id)).toEqual([ids[0]])
  })

  test('a cut connection with work in flight loses nothing', { timeout: 40_000 }, async () => {
    const one = await reading()
    const early = await server.publish(project, TOPIC, numbered(30))
    const before = await one.reading.take(10)
    await running.admin('down?ms=1000')
    await pause(1_200)
    one.reading.ack(before)
    one.reading.ack(await one.reading.take(20))
    await one.reading.close()
    expect(await server.unfinished(project, TOPIC, early)).toEqual([])
  })

  test('a deleted subscription ends read; reopening makes it again', async () => {
    const one = await reading()
    await server.call('DELETE', `projects/${project}/subscriptions/${TOPIC}`)
    await expect(one.reading.end()).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: expect.stringContaining('gone')
    })
    await one.stream.close()
    const again = await reading({ PROJECT: project })
    await again.reading.close()
    expect(again.log.texts('info').join()).toContain('created')
  })

  test('without a topic there is nothing to subscribe to', async () => {
    const { stream } = await bench({ TOPIC_PROJECT: 'elsewhere' })
    await expect(stream.connect(AbortSignal.timeout(10_000))).rejects.toMatchObject({ code: 'SUBSCRIPTION_MISSING' })
    await stream.close()
  })

  test('it holds no more than it may, and asks for no more', { timeout: 40_000 }, async () => {
    const one = await reading({ MAX_MESSAGES: 3 })
    const ids = await server.publish(project, TOPIC, numbered(9))
    const first = await one.reading.take(3)
    expect(await one.reading.rest(1_000)).toEqual([])
    one.reading.ack(first)
    one.reading.ack(await one.reading.take(3))
    one.reading.ack(await one.reading.take(3))
    await one.reading.close()
    expect(await server.unfinished(project, TOPIC, ids)).toEqual([])
  })

  test('it takes no gRPC, and the process ends by itself', async () => {
    await bench()
    await server.newSubscription(project, TOPIC)
    await server.publish(project, TOPIC, numbered(1))
    const script = join(import.meta.dirname, '../google/rest-and-modules.ts')
    const args = [script, project, TOPIC, google.url, loginFile(google.url)]
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 })
    expect(stdout).toContain('google-auth-library')
    expect(stdout).not.toMatch(/grpc|@google-cloud/)
  })
})
