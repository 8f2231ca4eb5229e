import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { decodeContainer } from '../../src/codecs/avro/decode.ts'
import { ztfAlerts } from '../../src/generate/index.ts'
import { AvroArchiveSink } from '../../src/sinks/avro-archive.ts'
import { RecordingLog } from '../contract/log.ts'
import { sourceOf, writeAll } from '../contract/sink-bench.ts'
import { CloudStorage, describeStorageAndPubsub } from '../google/cloud-storage.ts'
import { Mailbox } from '../google/mailbox.ts'
import { archiveSink } from '../harnesses/archive-sink.ts'
import { startPubsub } from '../services/pubsub.ts'

const anAlert = (seed: number) => [...ztfAlerts(seed).take(1)][0]!.bytes
const signal = AbortSignal.timeout(60_000)

describeStorageAndPubsub('an archive in a bucket, and a notice for each file', () => {
  let storage: CloudStorage
  let pubsub: Awaited<ReturnType<typeof startPubsub>>
  let mailbox: Mailbox
  let log: RecordingLog
  const opened: AvroArchiveSink[] = []
  beforeAll(async () => {
    pubsub = await startPubsub()
    vi.stubEnv('PUBSUB_EMULATOR_HOST', pubsub.host)
  })
  beforeEach(async () => {
    storage = await CloudStorage.start()
    vi.stubEnv('STORAGE_EMULATOR_HOST', storage.host)
    mailbox = await Mailbox.open(pubsub.host, 'files')
    log = new RecordingLog()
  })
  afterEach(async () => {
    for (const sink of opened.splice(0)) await sink.close()
    await storage.stop()
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await pubsub.stop()
  })

  async function open(options: Readonly<Record<string, unknown>> = {}): Promise<AvroArchiveSink> {
    const PATH = `gs://${storage.bucket}/`
    const sink = archiveSink({ PATH, NOTICE_TOPIC: 'files', PROJECT: mailbox.project, ...options }, { log })
    opened.push(sink)
    await sink.connect(signal)
    return sink
  }
  const place = (sink: AvroArchiveSink, bytes: Uint8Array, topic = 'night') =>
    sink.place({ value: bytes }, sourceOf({ bytes, topic }))
  const noticed = async () => (await mailbox.all()).map(({ attributes }) => attributes.objectId!)

  test('twins are one file; the notices are those of the files, as Cloud Storage sends them', async () => {
    const alerts = [...ztfAlerts(3).take(25)]
    const sinks = [await open(), await open()]
    const answers = await Promise.all(
      sinks.map((sink) => writeAll(sink, alerts.flatMap(({ bytes }) => [place(sink, bytes), place(sink, bytes)]))) // biome-ignore format: one line
    )
    expect(answers).toEqual([[], []])
    const objects = await storage.objects()
    const wanted = alerts.map(({ alert }) => `night/${alert.objectId}/${alert.candid}.avro`).toSorted()
    expect([...objects.keys()]).toEqual(wanted)
    for (const { alert, bytes } of alerts)
      expect(objects.get(`night/${alert.objectId}/${alert.candid}.avro`)!.equals(bytes)).toBe(true)
    const told = await mailbox.all()
    expect([...new Set(await noticed())].toSorted()).toEqual(wanted)
    expect(new Set(told.map(({ attributes }) => attributes.objectGeneration)).size).toBe(wanted.length)
    for (const { data, attributes } of told) {
      expect(data).toHaveLength(0)
      expect(attributes).toMatchObject({ bucketId: 'a-bucket', eventType: 'OBJECT_FINALIZE', payloadFormat: 'NONE' })
    }
    expect(log.texts('warn')).toEqual([])
  })

  test('a process that dies between file and notice: what comes again is not stored again, and told of', async () => {
    const bytes = anAlert(4)
    await pubsub.admin('fault?method=Publish&code=UNAVAILABLE&n=-1')
    const first = await open()
    await expect(first.write([place(first, bytes)], signal)).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' })
    expect([...(await storage.objects()).keys()]).toHaveLength(1)
    expect(await noticed()).toEqual([])
    await pubsub.admin('fault?method=Publish&code=UNAVAILABLE&n=0')
    const second = await open()
    storage.asked.length = 0
    expect(await second.write([place(second, bytes)], signal)).toEqual([])
    expect(await noticed()).toEqual([...(await storage.objects()).keys()])
    expect(storage.asked.filter((one) => one.startsWith('POST'))).toHaveLength(1)
  })

  test('the same array again: only what is missing is done', async () => {
    const alerts = [...ztfAlerts(5).take(20)]
    const sink = await open()
    const batch = alerts.map(({ bytes }) => place(sink, bytes))
    let uploads = 0
    storage.instead = ({ method }) => (method === 'POST' && uploads++ >= 7 ? { status: 503 } : undefined)
    await expect(sink.write(batch, signal)).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' })
    expect(await noticed()).toEqual([])
    storage.instead = undefined
    storage.asked.length = 0
    expect(await sink.write(batch, signal)).toEqual([])
    expect(storage.asked.filter((one) => one.startsWith('POST'))).toHaveLength(13)
    expect((await noticed()).toSorted()).toEqual([...(await storage.objects()).keys()])
  })

  test('a test run has a bucket and a topic of its own; setup knows them', async () => {
    const { needs, writes } = AvroArchiveSink
    const PATH = ['gs://a-bucket/{id}', 'local/{id}']
    const options = { PATH, NOTICE_TOPIC: 'files', PROJECT: 'p', TESTID: 't1', KEY_FILE: undefined } as never
    const needed = needs(options, { name: 'archive', baseDir: '/', feeds: [] })
    expect(needed.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'bucket gs://a-bucket-t1',
      'Pub/Sub topic projects/p/topics/files-t1'
    ])
    expect(writes(options)).toEqual({ cluster: 'pubsub:p', topic: 'files' })
    for (const need of needed) await need.create(signal)
    const sink = await open({ PATH: `gs://${storage.bucket}/`, PROJECT: 'p', TESTID: 't1' })
    const bytes = anAlert(6)
    await sink.write([place(sink, bytes)], signal)
    expect((await storage.objects('a-bucket-t1')).size).toBe(1)
    expect((await storage.objects()).size).toBe(0)
  })

  const shared = join(import.meta.dirname, '../../../shared/data/ztf')
  test.skipIf(!existsSync(shared))('real packets of ZTF (skipped where ../shared/data is absent)', async () => {
    const sink = await open()
    const name = '472263571115115000.avro'
    const bytes = readFileSync(join(shared, name))
    expect(await sink.write([place(sink, bytes)], signal)).toEqual([])
    const [[object, file]] = [...(await storage.objects())] as [[string, Buffer]]
    expect(object).toBe('night/ZTF17aaajnnn/472263571115115000.avro')
    expect(decodeContainer(file)).toEqual(decodeContainer(bytes))
    expect(file.equals(bytes)).toBe(false)
  })
})
