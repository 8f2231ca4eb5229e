import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RestService } from '../../src/google/rest.ts'
import { listObjects, readObject } from '../../src/google/storage.ts'

/** What the server in test/services does not do: tokens, pages, objects that are stored compressed. */
describe('Cloud Storage', () => {
  const content = Buffer.from('alert '.repeat(50_000))
  const seen: string[] = []
  let cut = 0
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://localhost')
    seen.push(`${request.headers.authorization} ${url.pathname}${url.search} ${request.headers.range ?? ''}`.trim())
    if (request.headers.authorization !== 'Bearer second') return response.writeHead(401).end('{}')
    if (url.searchParams.get('alt') === 'media') {
      const packed = gzipSync(content, { level: 0 })
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length })
      const part = cut-- > 0 ? packed.subarray(0, 120_000) : packed
      return response.write(part, () => (part.length < packed.length ? setTimeout(() => response.destroy(), 50) : response.end())) // biome-ignore format: one line
    }
    const page = Number(url.searchParams.get('pageToken') ?? 0)
    const item = { name: `night/${9 - page}.json`, generation: '1', updated: '2025-03-02T04:00:00Z', contentEncoding: 'gzip' } // biome-ignore format: one line
    const items = [item, { name: 'night/', updated: '2025-03-02T04:00:00Z' }]
    response.end(JSON.stringify(page < 2 ? { items, nextPageToken: String(page + 1) } : { items }))
  })
  let service: RestService
  beforeAll(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    let token = 'first'
    const renew = async () => {
      token = 'second'
      return token
    }
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/storage/v1/`
    service = { base, tokens: { get: async () => token, renew } }
  })
  afterAll(() => {
    server.close()
    server.closeAllConnections()
  })
  const signal = AbortSignal.timeout(30_000)

  test('a token that is refused is renewed; pages are read to the last', async () => {
    const objects = await listObjects(service, { bucket: 'alerts', pattern: 'night/' }, signal)
    expect(objects.map(({ name }) => name)).toEqual(['night/7.json', 'night/8.json', 'night/9.json'])
    expect(seen.map((one) => one.split(' ')[1])).toEqual(['first', 'second', 'second', 'second'])
    expect(seen.at(-1)).toContain('/storage/v1/b/alerts/o?prefix=night%2F&pageToken=2')
  })

  test('what is stored compressed comes unpacked, and once although the connection is cut', async () => {
    cut = 2
    const object = { bucket: 'alerts', name: 'night/7.json', generation: '1', encoded: true, changedAt: new Date() }
    const failures: unknown[] = []
    const heard = { failed: (error: unknown) => failures.push(error), answered: () => {} }
    const blocks: Buffer[] = []
    for await (const block of readObject(service, object, signal, heard)) blocks.push(block)
    expect(Buffer.concat(blocks).equals(content)).toBe(true)
    expect(failures).toHaveLength(2)
    expect(seen.at(-1)).toContain('/storage/v1/b/alerts/o/night%2F7.json?alt=media&generation=1')
    expect(seen.join()).not.toContain('bytes=')
  })
})
