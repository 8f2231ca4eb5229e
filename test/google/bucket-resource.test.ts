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

  test('a project is needed only where one is made', async () => {
    vi.stubEnv('GOOGLE_CLOUD_PROJECT', '')
    const bucket = bucketResource('some-alerts-t2', { project: undefined, account, baseDir: '/' })
    expect(await bucket.exists(signal)).toBe(false)
    await expect(bucket.create(signal)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      remedy: expect.stringContaining('GOOGLE_CLOUD_PROJECT')
    })
    await bucket.remove(signal)
  })

  test('what takes too long goes on the next time, and says so', async () => {
    await resource('some-alerts-t3').create(signal)
    for (let i = 0; i < 3; i++) await storage.put(`${i}.avro`, 'x', 'some-alerts-t3')
    const late = new AbortController()
    storage.instead = ({ method }) => {
      if (method === 'DELETE') late.abort(new DOMException('late', 'TimeoutError'))
      return undefined
    }
    await expect(resource('some-alerts-t3').remove(late.signal)).rejects.toMatchObject({
      message: 'gs://some-alerts-t3: not done in time',
      remedy: expect.stringContaining('again')
    })
    storage.instead = undefined
    await resource('some-alerts-t3').remove(signal)
    expect(await resource('some-alerts-t3').exists(signal)).toBe(false)
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
