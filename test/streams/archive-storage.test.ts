import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { StreamEvent } from '../../src/contract/stream.ts'
import { Archive, idsOf, textsOf } from '../archive/replay.ts'
import { avscContainer } from '../codecs/container.ts'
import { startGcs } from '../services/gcs.ts'

const started = await startGcs().catch((error: Error) => error.message.split('\n')[0]!)
if (typeof started === 'string' && process.env.CI === 'true') throw new Error(`no Cloud Storage server: ${started}`)
const server = typeof started === 'string' ? undefined : started
const title = `gs:// prefixes${server === undefined ? ` (no Cloud Storage server: ${started})` : ''}`

/** What stands between us and the server answers some requests in its own way. */
type Instead = (request: IncomingMessage, response: ServerResponse, upstream: Response) => Promise<boolean>

describe.skipIf(server === undefined)(title, () => {
  const archive = new Archive()
  const asked: string[] = []
  let instead: Instead = async () => false
  const proxy = createServer(async (request, response) => {
    asked.push(`${request.method} ${decodeURIComponent(request.url!)} ${request.headers.range ?? ''}`.trim())
    const headers = { ...(request.headers.range && { Range: request.headers.range }) }
    const upstream = await fetch(`${server!.url}${request.url}`, { headers })
    if (await instead(request, response, upstream)) return
    const body = Buffer.from(await upstream.arrayBuffer())
    response.writeHead(upstream.status, { 'content-length': body.length })
    response.end(body)
  })
  const big = Buffer.from(JSON.stringify(Array.from({ length: 60_000 }, (_, i) => `${i}`)))

  beforeAll(async () => {
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const put = (name: string, bytes: Uint8Array | string, encoding?: string) => server!.put('alerts', name, bytes, encoding) // biome-ignore format: one line
    await server!.makeBucket('alerts')
    await put('ztf/20250302/b.json', '{"b":1}')
    await put('ztf/20250302/a.avro', avscContainer({ type: 'string' }, ['one', 'two']))
    await put('ztf/20250303/c d+e.json.gz', gzipSync('{"c":1}'))
    await put('ztf/20250303/read-me.md', '#')
    await put('lsst/x.json', '{}')
    await put('big/big.json', big)
  })
  afterAll(async () => {
    archive.remove()
    proxy.close()
    proxy.closeAllConnections()
    await server?.stop()
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    instead = async () => false
    asked.length = 0
  })

  const events: StreamEvent[] = []
  function replay(path: string, more = {}) {
    events.length = 0
    vi.stubEnv('STORAGE_EMULATOR_HOST', `127.0.0.1:${(proxy.address() as AddressInfo).port}`)
    return archive.replay({ PATH: [path], ...more }, { note: (event) => events.push(event) })
  }

  test('all below a prefix that we know, in the order of names', async () => {
    const { messages, failure } = await replay('gs://alerts/ztf/2025')
    expect(failure).toBeUndefined()
    expect(messages.map(({ id, topic }) => [id, topic])).toEqual([
      ['gs://alerts/ztf/20250302/a.avro#1', '20250302'],
      ['gs://alerts/ztf/20250302/a.avro#2', '20250302'],
      ['gs://alerts/ztf/20250302/b.json', '20250302'],
      ['gs://alerts/ztf/20250303/c d+e.json.gz', '20250303']
    ])
    expect(textsOf(messages).slice(2)).toEqual(['{"b":1}', '{"c":1}'])
  })

  test('a bucket, an object, a glob, one night', async () => {
    expect((await replay('gs://alerts')).messages).toHaveLength(6)
    expect(idsOf((await replay('gs://alerts/ztf/20250303/read-me.md')).messages)).toEqual([
      'gs://alerts/ztf/20250303/read-me.md'
    ])
    expect(idsOf((await replay('gs://alerts/*/x.json')).messages)).toEqual(['gs://alerts/lsst/x.json'])
    const { messages } = await replay('gs://alerts/ztf', { SINCE: Date.parse('2025-03-03') })
    expect(idsOf(messages)).toEqual(['gs://alerts/ztf/20250303/c d+e.json.gz'])
    // What is not wanted is not fetched.
    expect(asked.filter((one) => one.includes('alt=media'))).toHaveLength(5 + 1 + 1 + 1)
  })

  test('a cut connection goes on where it stopped, and what is busy is asked again', async () => {
    let requests = 0
    instead = async (request, response, upstream) => {
      if (!request.url!.includes('alt=media')) return false
      requests++
      if (requests === 2) {
        await upstream.body?.cancel()
        response.writeHead(503).end('{"error":{"message":"busy"}}')
        return true
      }
      if (requests > 3) return false
      const body = Buffer.from(await upstream.arrayBuffer())
      response.writeHead(upstream.status, { 'content-length': body.length })
      response.write(body.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 50))
      return true
    }
    const { messages, failure } = await replay('gs://alerts/big')
    expect(failure).toBeUndefined()
    expect(big.equals(messages[0]!.bytes!)).toBe(true)
    const ranges = asked.filter((one) => one.includes('alt=media')).map((one) => /bytes=\d+-/.exec(one)?.[0])
    expect(ranges).toEqual([undefined, 'bytes=100000-', 'bytes=100000-', 'bytes=200000-'])
    expect(events.map(({ kind }) => kind)).toEqual(['waiting', 'reading', 'waiting', 'reading', 'committed'])
  })

  test('a server that knows no ranges gives all again, and it comes once', async () => {
    let requests = 0
    instead = async (request, response, upstream) => {
      if (!request.url!.includes('alt=media')) return false
      const first = ++requests === 1
      await upstream.body?.cancel()
      response.writeHead(200, { 'content-length': big.length })
      response.write(first ? big.subarray(0, 150_000) : big, () => first && setTimeout(() => response.destroy(), 50))
      if (!first) response.end()
      return true
    }
    const { messages } = await replay('gs://alerts/big')
    expect(requests).toBe(2)
    expect(big.equals(messages[0]!.bytes!)).toBe(true)
  })

  test('an object that is gone is named, and the others are read', async () => {
    instead = async (request, response, upstream) => {
      if (!decodeURIComponent(request.url!).includes('b.json?')) return false
      await upstream.body?.cancel()
      response.writeHead(404).end('{"error":{"message":"No such object"}}')
      return true
    }
    const { messages, failure } = await replay('gs://alerts/ztf')
    expect(messages).toHaveLength(3)
    expect(failure).toMatchObject({
      code: 'ARCHIVE_DAMAGED',
      message: expect.stringContaining('gs://alerts/ztf/20250302/b.json cannot be read from byte 0 on: No such object')
    })
  })

  test.for([
    [401, 'CREDENTIALS_REFUSED'],
    [403, 'CREDENTIALS_REFUSED'],
    [404, 'CONFIG_INVALID'],
    [503, 'CONNECT_FAILED']
  ] as const)('%s at the start is %s', async ([status, code]) => {
    instead = async (_request, response, upstream) => {
      await upstream.body?.cancel()
      response.writeHead(status).end(JSON.stringify({ error: { code: status, message: 'no' } }))
      return true
    }
    await expect(replay('gs://alerts/ztf')).rejects.toMatchObject({ code })
  })

  test('a bucket that is not there, and a prefix with nothing below', async () => {
    await expect(replay('gs://nothing-here/ztf')).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(replay('gs://alerts/nothing')).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: 'no alerts at gs://alerts/nothing'
    })
  })
})
