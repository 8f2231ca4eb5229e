import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Outgoing, Rejection } from '../../src/contract/sink.ts'
import type { PlacedMessage } from '../../src/google/outgoing.ts'
import { PubSubSink } from '../../src/sinks/pubsub.ts'
import { RecordingLog } from '../contract/log.ts'
import { PATIENCE } from '../contract/reading.ts'
import { sinkSetup, sourceOf } from '../contract/sink-bench.ts'
import { Mailbox, type Pulled } from '../google/mailbox.ts'
import { type SinkOptions, sinkOptionsOf } from '../google/options.ts'
import { type RunningPubsub, startPubsub } from '../services/pubsub.ts'
import { describePubsub } from '../setup/services.ts'

const TOPIC = 'out'
const soon = () => AbortSignal.timeout(PATIENCE)
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)
const numbered = (number: number, key: string | null = null): Outgoing => ({ value: Buffer.from(`${number}`), key })
const numberOf = ({ data }: Pulled) => Number(data.toString())

// A server of its own: faults are for all that it serves.
describePubsub('PubSubSink', () => {
  let running: RunningPubsub
  beforeAll(async () => {
    running = await startPubsub()
  })
  afterAll(() => running?.stop())

  const opened: PubSubSink[] = []
  afterEach(async () => {
    for (const sink of opened.splice(0)) await sink.close()
  })

  function make(options: Partial<SinkOptions>, log = new RecordingLog()): PubSubSink {
    process.env.PUBSUB_EMULATOR_HOST = running.host
    const sink = new PubSubSink(sinkOptionsOf({ TOPIC, ...options }), sinkSetup({ log }))
    opened.push(sink)
    return sink
  }

  /** A topic in a new project, and a sink to it. */
  async function bench(options: Partial<SinkOptions> = {}) {
    const mailbox = await Mailbox.open(running.host, TOPIC, options.ORDERED)
    const sink = make({ PROJECT: mailbox.project, ...options })
    await sink.connect(soon())
    return { sink, mailbox }
  }

  const place = (sink: PubSubSink, outgoings: readonly Outgoing[]) =>
    outgoings.map((one) => sink.place(one, sourceOf()))
  const fault = (code: string, n: number, method = 'Publish') =>
    running.admin(`fault?method=${method}&code=${code}&n=${n}`)

  /** How many requests the work takes. */
  async function requests(work: () => Promise<unknown>): Promise<number> {
    const published = async () => Number((await running.admin('stats')).Publish ?? 0)
    const before = await published()
    await work()
    return (await published()) - before
  }

  async function refusal(promise: Promise<unknown>): Promise<unknown> {
    return promise.then(
      () => undefined,
      (thrown: unknown) => thrown
    )
  }

  /** Tries the same array again, as the outbox does. */
  async function insist(sink: PubSubSink, batch: readonly PlacedMessage[]): Promise<readonly Rejection[]> {
    for (const deadline = Date.now() + PATIENCE; ; await pause(200)) {
      try {
        return await sink.write(batch, soon())
      } catch (error) {
        if (Date.now() > deadline) throw error
      }
    }
  }

  test('one write is as few requests as Pub/Sub takes', async () => {
    const { sink, mailbox } = await bench()
    const small = place(
      sink,
      upTo(2500).map((n) => numbered(n))
    )
    expect(await requests(() => sink.write(small, soon()))).toBe(3)
    const large = place(
      sink,
      upTo(6).map(() => ({ value: Buffer.alloc(3_300_000) }))
    )
    expect(await requests(() => sink.write(large, soon()))).toBe(2)
    const pulled = await mailbox.published()
    expect(pulled.slice(0, 2500).map(numberOf)).toEqual(upTo(2500))
    expect(pulled.slice(2500).map(({ data }) => data.length)).toEqual(upTo(6).map(() => 3_300_000))
    await running.admin('clear')
  })

  test('the largest message that is placed is taken, with attributes and all', async () => {
    const { sink } = await bench({ ORDERED: true })
    const headers = upTo(99).map((n) => [`header-${n}`, 'é'.repeat(500)] as const)
    const attempt = (size: number) => sink.place({ value: Buffer.alloc(size), headers, key: 'k' }, sourceOf())
    let [fits, not] = [0, 10_000_000]
    while (not - fits > 1) {
      const size = Math.floor((fits + not) / 2)
      try {
        attempt(size)
        fits = size
      } catch {
        not = size
      }
    }
    expect(fits).toBeGreaterThan(9_890_000)
    expect(await sink.write([attempt(fits)], soon())).toEqual([])
    expect(() => attempt(not)).toThrow(expect.objectContaining({ code: 'SINK_REJECTED' }))
    await running.admin('clear')
  })

  test('order per key holds within a write, over writes, and over faults between', { timeout: 60_000 }, async () => {
    const { sink, mailbox } = await bench({ ORDERED: true })
    const keys = upTo(50).map((n) => `key-${n}`)
    for (const round of upTo(4)) {
      const batch = place(
        sink,
        upTo(500).map((n) => numbered(round * 500 + n, keys[n % keys.length]!))
      )
      await fault('UNAVAILABLE', 20)
      expect(await insist(sink, batch)).toEqual([])
    }
    const byKey = Map.groupBy(await mailbox.published(), ({ orderingKey }) => orderingKey)
    expect([...byKey.keys()].sort()).toEqual(keys.toSorted())
    for (const [index, key] of keys.entries()) {
      expect(byKey.get(key)!.map(numberOf), key).toEqual(upTo(40).map((n) => n * keys.length + index))
    }
  })

  test('what follows a request that failed waits for it', async () => {
    const { sink, mailbox } = await bench({ ORDERED: true })
    const batch = place(
      sink,
      upTo(3500).map((n) => numbered(n, 'one'))
    )
    await fault('UNAVAILABLE', 1)
    expect(await requests(() => refusal(sink.write(batch, soon())))).toBe(1)
    expect(await sink.write(batch, soon())).toEqual([])
    expect((await mailbox.published()).map(numberOf)).toEqual(upTo(3500))
  })

  test('an ordered subscription receives them one behind the other', async () => {
    const { sink, mailbox } = await bench({ ORDERED: true })
    await sink.write(
      place(
        sink,
        upTo(20).map((n) => numbered(n, 'one'))
      ),
      soon()
    )
    expect((await mailbox.all()).map(numberOf)).toEqual(upTo(20))
  })

  test('one that Pub/Sub calls invalid is found and rejected; the others arrive in order', async () => {
    const { sink, mailbox } = await bench({ ORDERED: true })
    const batch = place(
      sink,
      upTo(200).map((n) => numbered(n, 'one'))
    )
    // Neither data nor attributes: Pub/Sub refuses it, and with it the whole request.
    const bad = { ...batch[77]!, message: { ...batch[77]!.message, data: new Uint8Array() } }
    const rejections = await sink.write(batch.with(77, bad), soon())
    expect(rejections).toEqual([{ index: 77, code: 'SINK_REJECTED', reason: expect.stringMatching(/neither data/) }])
    expect((await mailbox.published()).map(numberOf)).toEqual(upTo(200).filter((n) => n !== 77))
  })

  test.each([
    ['UNAVAILABLE', /emulator/],
    ['PERMISSION_DENIED', /Publisher/],
    ['UNAUTHENTICATED', /KEY_FILE/],
    ['RESOURCE_EXHAUSTED', /throughput/],
    ['FAILED_PRECONDITION', /state of the topic/],
    ['DEADLINE_EXCEEDED', /\S/],
    ['INTERNAL', /\S/]
  ])('%s is a fault of the target', async (status, remedy) => {
    const { sink, mailbox } = await bench()
    const batch = place(sink, [numbered(0)])
    await fault(status, 1)
    const error = await refusal(sink.write(batch, soon()))
    expect(error).toMatchObject({ code: 'SINK_UNAVAILABLE', remedy: expect.stringMatching(remedy) })
    expect(String(error)).toContain(mailbox.project)
    expect(await sink.write(batch, soon())).toEqual([])
    expect((await mailbox.published()).map(numberOf)).toEqual([0])
  })

  test('what was written before a fault is not written again', async () => {
    const { sink, mailbox } = await bench({ ORDERED: true })
    const batch = place(
      sink,
      upTo(100).map((n) => numbered(n, `${n}`))
    )
    await fault('UNAVAILABLE', 1)
    expect(await refusal(sink.write(batch, soon()))).toMatchObject({ code: 'SINK_UNAVAILABLE' })
    expect(batch.filter(({ written }) => written).length).toBeGreaterThan(0)
    expect(await sink.write(batch, soon())).toEqual([])
    expect((await mailbox.published()).map(numberOf).toSorted((a, b) => a - b)).toEqual(upTo(100))
  })

  test('a topic that is not there is waited for, and never made', async () => {
    const { server, project } = await Mailbox.open(running.host, 'another')
    const path = `projects/${project}/topics/${TOPIC}`
    const sink = make({ PROJECT: project })
    const missing = { code: 'SINK_UNAVAILABLE', remedy: expect.stringContaining(`topics create ${TOPIC}`) }
    expect(await refusal(sink.connect(soon()))).toMatchObject(missing)
    const template = make({ PROJECT: project, TOPIC: '{stream}' })
    await template.connect(soon())
    const batch = [template.place({ value: Buffer.from('1'), topic: TOPIC }, sourceOf())]
    expect(await refusal(template.write(batch, soon()))).toMatchObject(missing)
    await expect(server.call('GET', path)).rejects.toThrow(/404/)
    await server.call('PUT', path)
    await sink.connect(soon())
    expect(await template.write(batch, soon())).toEqual([])
  })

  test('who may publish need not be allowed to look', async () => {
    const { project } = await Mailbox.open(running.host, TOPIC)
    await fault('PERMISSION_DENIED', 1, 'GetTopic')
    await make({ PROJECT: project }).connect(soon())
    await fault('PERMISSION_DENIED', 1, 'ListTopics')
    await make({ PROJECT: project, TOPIC: '{topic}' }).connect(soon())
  })

  test('the topic is a template, and a handler may name another', async () => {
    const sink = make({ PROJECT: 'p', TOPIC: 'from-{stream}.{topic}' })
    expect(sink.place(numbered(1), sourceOf({ topic: 'ztf' })).target).toBe('from-a-stream.ztf')
    expect(sink.place({ ...numbered(1), topic: 'own' }, sourceOf()).target).toBe('own')
    for (const topic of ['no', '1st', 'a/b', 'google-x', 'x'.repeat(256)]) {
      expect(() => sink.place({ ...numbered(1), topic }, sourceOf()), topic).toThrow(
        expect.objectContaining({ code: 'SINK_REJECTED' })
      )
    }
  })

  test('the server away for 3 s: the write fails, and the same write succeeds when it is back', async () => {
    const { sink, mailbox } = await bench({ ORDERED: true })
    await sink.write(place(sink, [numbered(0, 'one')]), soon())
    const batch = place(sink, [numbered(1, 'one'), numbered(2, 'one')])
    await running.admin('down?ms=3000')
    const start = Date.now()
    expect(await refusal(sink.write(batch, soon()))).toMatchObject({ code: 'SINK_UNAVAILABLE' })
    expect(await insist(sink, batch)).toEqual([])
    expect(Date.now() - start).toBeLessThan(12_000)
    expect((await mailbox.published()).map(numberOf)).toEqual([0, 1, 2])
  })

  test('who stops waiting is let go, though nobody answers', async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void silent.close())
    const address = silent.address()
    const sink = make({ PROJECT: 'nobody' })
    process.env.PUBSUB_EMULATOR_HOST = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
    const start = Date.now()
    const error = await refusal(sink.connect(AbortSignal.timeout(20_000)))
    expect(error).toMatchObject({ code: 'SINK_UNAVAILABLE', remedy: expect.stringMatching(/\S/) })
    expect(Date.now() - start).toBeLessThan(10_000)
    const again = Date.now()
    await expect(sink.connect(AbortSignal.timeout(200))).rejects.toThrow()
    expect(Date.now() - again).toBeLessThan(2_000)
  })

  test('a broken KEY_FILE is a fault of the target, and is not shown', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'alertstreams-pubsub-sink-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const KEY_FILE = join(folder, 'key.json')
    writeFileSync(KEY_FILE, JSON.stringify({ type: 'service_account', client_email: 'me@x.iam', private_key: 'hush' }))
    const sink = make({ PROJECT: 'nobody', KEY_FILE })
    delete process.env.PUBSUB_EMULATOR_HOST
    const error = await refusal(sink.connect(soon()))
    expect(error).toMatchObject({ code: 'SINK_UNAVAILABLE', remedy: expect.stringMatching(/key/) })
    expect(JSON.stringify(error) + String(error)).not.toContain('hush')
  })
})
