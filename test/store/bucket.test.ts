import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { BucketStore } from '../../src/store/bucket.ts'
import { CloudStorage, describeStorage } from '../google/cloud-storage.ts'

describeStorage('a bucket', () => {
  const signal = AbortSignal.timeout(60_000)
  let storage: CloudStorage
  let store: BucketStore
  beforeAll(async () => {
    storage = await CloudStorage.start()
    vi.stubEnv('STORAGE_EMULATOR_HOST', storage.host)
    store = new BucketStore(storage.bucket, { KEY_FILE: undefined, baseDir: '/', name: 'archive' })
    await store.connect(signal)
  })
  afterEach(() => {
    storage.instead = undefined
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await storage.stop()
  })
  const put = (name: string, text: string | Uint8Array, onlyIfAbsent = true) =>
    store.put({ name, contents: Buffer.from(text) }, { onlyIfAbsent }, signal)

  test('takes a name once, whoever comes at the same time', async () => {
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => put('a/b c+%.avro', 'alert')))
    expect(outcomes.filter(({ outcome }) => outcome === 'written')).toHaveLength(1)
    expect(outcomes.filter(({ outcome }) => outcome === 'same there')).toHaveLength(9)
    expect(new Set(outcomes.map(({ generation }) => generation)).size).toBe(1)
    expect((await put('a/b c+%.avro', 'another')).outcome).toBe('another there')
    expect((await storage.objects()).get('a/b c+%.avro')?.toString()).toBe('alert')
  })

  test('replaces where it may, and keeps every byte', async () => {
    const every = Buffer.concat([Buffer.from('\r\n--'), Buffer.from(Uint8Array.from({ length: 256 }, (_, i) => i))])
    expect((await put('plot.png', 'old', false)).outcome).toBe('written')
    expect((await put('plot.png', every, false)).outcome).toBe('written')
    expect((await storage.objects()).get('plot.png')?.equals(every)).toBe(true)
    expect((await put('empty', '')).outcome).toBe('written')
  })

  test('an answer that got lost is found out when it is tried again', async () => {
    storage.instead = ({ method }) => (method === 'POST' ? 'cut' : undefined)
    await expect(put('cut.avro', 'alert')).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' })
    storage.instead = undefined
    expect((await put('cut.avro', 'alert')).outcome).toBe('same there')
  })

  test.for([
    [401, 'KEY_FILE'],
    [403, 'Storage Object User on gs://a-bucket'],
    [404, 'Create the bucket'],
    [429, 'rate'],
    [503, 'can be reached'],
    [400, 'names']
  ] as const)('%i is a fault of the target and says what to do', async ([status, remedy]) => {
    storage.instead = () => ({ status, body: { error: { code: status, message: 'because' } } })
    const error = await put('x', 'y').catch((error) => error)
    expect(error).toMatchObject({ code: 'SINK_UNAVAILABLE', remedy: expect.stringContaining(status === 503 ? 'emulator' : remedy) }) // biome-ignore format: one line
    expect(error.message).toBe('gs://a-bucket/x cannot be written: because')
  })

  test('a bucket that is not there is known before the first alert', async () => {
    const nobody = new BucketStore('nobodys', { KEY_FILE: undefined, baseDir: '/', name: 'archive' })
    await expect(nobody.connect(signal)).rejects.toMatchObject({
      code: 'SINK_UNAVAILABLE',
      remedy: 'Create the bucket (gcloud storage buckets create gs://nobodys), or correct PATH.'
    })
  })

  test('an account that may only add objects can connect', async () => {
    storage.instead = () => ({ status: 403 })
    await new BucketStore(storage.bucket, { KEY_FILE: undefined, baseDir: '/', name: 'archive' }).connect(signal)
  })
})
