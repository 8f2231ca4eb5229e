import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { bucketResource } from '../../src/google/bucket-resource.ts'
import { CloudStorage, describeStorage } from './cloud-storage.ts'

describeStorage('a bucket that a configuration needs', () => {
  const signal = AbortSignal.timeout(60_000)
  const account = { KEY_FILE: undefined, TOKEN_FILE: undefined }
  let storage: CloudStorage
  beforeAll(async () => {
    storage = await CloudStorage.start()
    vi.stubEnv('STORAGE_EMULATOR_HOST', storage.host)
  })
  afterEach(() => {
    storage.instead = undefined
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await storage.stop()
  })
  const resource = (bucket: string) => bucketResource(bucket, { project: 'test', account, baseDir: '/' })

  test('is made, is there, is made again without harm, and removed with all that it holds', async () => {
    const bucket = resource('some-alerts-t1')
    expect([bucket.kind, bucket.name]).toEqual(['bucket', 'gs://some-alerts-t1'])
    expect(await bucket.exists(signal)).toBe(false)
    await bucket.create(signal)
    expect(await bucket.exists(signal)).toBe(true)
    await bucket.create(signal)
    for (let i = 0; i < 40; i++) await storage.put(`night/${i}.avro`, 'x', 'some-alerts-t1')
    await storage.put('night/', '', 'some-alerts-t1')
    await bucket.remove(signal)
    expect(await bucket.exists(signal)).toBe(false)
    await bucket.remove(signal)
    expect(await resource(storage.bucket).exists(signal)).toBe(true)
  })

  test("somebody else's name is an error that says so", async () => {
    storage.instead = ({ method }) => ({ status: method === 'POST' ? 409 : 403 })
    await expect(resource('taken').create(signal)).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      remedy: expect.stringContaining('another name')
    })
  })

  test('what is refused names the role', async () => {
    storage.instead = () => ({ status: 403, body: { error: { code: 403, message: 'no storage.buckets.get' } } })
    await expect(resource('a').exists(signal)).rejects.toMatchObject({
      message: 'gs://a: no storage.buckets.get',
      remedy: expect.stringContaining('Storage Admin')
    })
  })
})
