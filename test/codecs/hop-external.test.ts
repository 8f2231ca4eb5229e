import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { serialize } from 'bson'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HopCodec } from '../../src/codecs/hop.ts'
import { writeUpload } from '../../src/codecs/offload/document.ts'
import type { Headers, Message } from '../../src/contract/alert.ts'
import type { CodecSetup } from '../../src/contract/codec.ts'
import { fallbacksOf } from '../../src/contract/options.ts'
import { RecordingLog } from '../contract/log.ts'
import { OffloadService } from '../fakes/offload-service.ts'
import { messageOf } from './message.ts'

const MESSAGE = '/msg/24d66f47-6d56-4ded-97e7-7c1c8f1156e9'
const headers: Headers = [
  ['_id', randomBytes(16)],
  ['_format', Buffer.from('json')]
]
const body = { candid: 472263571115115000n }
const stored = {
  message: Buffer.from('{"candid":472263571115115000}'),
  metadata: { headers, timestamp: 1_700_000_000_123n, key: Buffer.from('key') }
}

let service: OffloadService
beforeEach(async () => {
  service = await OffloadService.start()
  service.stored.set(MESSAGE, Buffer.from(serialize(stored)))
})
afterEach(() => service[Symbol.asyncDispose]())

type Options = Partial<ConstructorParameters<typeof HopCodec>[0]>

function hop(options: Options = {}, setup: Partial<CodecSetup> = {}): HopCodec {
  const { credentials } = service
  const usual = { log: new RecordingLog(), baseDir: '.', stateDir: '.', credentials }
  const known = { EXTERNAL_ENDPOINT: service.endpoint }
  return new HopCodec({ ...fallbacksOf(HopCodec.fields), ...known, ...options }, { ...usual, ...setup })
}

function placeholder(url = `${service.endpoint}${MESSAGE}`): Message {
  return messageOf(JSON.stringify({ url }), { _id: 'the placeholder', _format: 'External' })
}

const never = new AbortController().signal
const fetched = (codec: HopCodec, message = placeholder()) => codec.prepare(message, never)
const failure = (code: string, message: RegExp) => ({ code, message: expect.stringMatching(message) })

describe('a placeholder', () => {
  test('gives way to the stored message, in its own place', async () => {
    const codec = hop()
    const whole = (await fetched(codec))!
    expect(codec.decode(whole)).toEqual(body)
    const { topic, id, partition, offset } = placeholder()
    expect(whole).toMatchObject({ topic, id, partition, offset, publishedAt: new Date(1_700_000_000_123) })
    expect(Buffer.from(whole.key!)).toEqual(Buffer.from('key'))
    expect(whole.headers.map(([name, value]) => [name, Buffer.from(value!)])).toEqual(headers)
    expect(whole.size).toBe(29 + 3 + 3 + 16 + 7 + 4)
    // Two rounds of SCRAM, and no password in either.
    expect(service.calls).toHaveLength(2)
    expect(JSON.stringify(service.calls)).not.toContain('pencil')
  })

  test('is read in the layout of an upload too', async () => {
    service.stored.set(MESSAGE, Buffer.from(writeUpload({ bytes: stored.message, headers, key: null })))
    const codec = hop()
    const whole = (await fetched(codec))!
    expect(codec.decode(whole)).toEqual(body)
    expect(whole).toMatchObject({ key: null, publishedAt: placeholder().publishedAt })
  })

  test('is the payload itself with FETCH_EXTERNAL: false', () => {
    const codec = hop({ FETCH_EXTERNAL: false })
    expect(fetched(codec)).toBeUndefined()
    expect(codec.decode(placeholder())).toEqual({ url: `${service.endpoint}${MESSAGE}` })
  })

  test('is told by its label alone', () => {
    const text = JSON.stringify({ url: `${service.endpoint}${MESSAGE}` })
    for (const message of [
      messageOf(text),
      messageOf(text, { _format: 'json' }),
      messageOf(null, { _format: 'external' })
    ]) {
      expect(hop().prepare(message, never)).toBeUndefined()
    }
    expect(hop().prepare({ ...messageOf(text), headers: [['_format', Buffer.from([0xff])]] }, never)).toBeUndefined()
  })
})

describe('who we are', () => {
  test('is told to the endpoint that the broker names only where that has TLS', async () => {
    const codec = hop({ EXTERNAL_ENDPOINT: undefined }, { offloadEndpoint: async () => service.endpoint })
    await expect(fetched(codec)).rejects.toMatchObject(failure('DECODE_FAILED', /nothing is fetched from http:/))
    expect(service.calls).toEqual([])
  })

  test('is told to no other host, though that may be fetched from', async () => {
    service.readersAreKnown = false
    const options = { EXTERNAL_ENDPOINT: 'https://scimma.org', EXTERNAL_HOSTS: [service.host] }
    const codec = hop(options)
    expect(codec.decode((await fetched(codec))!)).toEqual(body)
    expect(service.calls.map(({ authorization }) => authorization)).toEqual([undefined])
    service.readersAreKnown = true
    await expect(fetched(codec)).rejects.toMatchObject(failure('DECODE_FAILED', /401/))
  })

  test('need not be told where everybody may read', async () => {
    service.readersAreKnown = false
    service.intercept = ({ url = '' }, response) => {
      response.end(service.stored.get(url))
      return true
    }
    expect(await fetched(hop())).toMatchObject({ id: placeholder().id })
    expect(service.calls).toHaveLength(1)
  })

  test('a wrong password is waited for, until an operator mends it', async () => {
    const credentials = { ...service.credentials, password: 'wrong-but-secret' }
    const failed = await fetched(hop({}, { credentials }))!.catch((error: Error) => error)
    expect(failed).toMatchObject(failure('FETCH_FAILED', /401/))
    expect(JSON.stringify(failed)).not.toContain('wrong-but-secret')
  })

  test('a server that does not know the password is not believed', async () => {
    service.impostor = true
    await expect(fetched(hop())).rejects.toMatchObject(failure('FETCH_FAILED', /knows the password/))
  })

  test('a broker that cannot be asked is waited for', async () => {
    const offloadEndpoint = () => Promise.reject(new Error('no broker'))
    const codec = hop({ EXTERNAL_ENDPOINT: undefined }, { offloadEndpoint })
    await expect(fetched(codec)).rejects.toMatchObject(failure('FETCH_FAILED', /no broker/))
  })
})

const status = (code: number) => (response: ServerResponse) => void response.writeHead(code).end()

describe('what can not be had', () => {
  test.each([
    [400, 'DECODE_FAILED'],
    [403, 'DECODE_FAILED'],
    [404, 'DECODE_FAILED'],
    [410, 'DECODE_FAILED'],
    [408, 'FETCH_FAILED'],
    [429, 'FETCH_FAILED'],
    [500, 'FETCH_FAILED'],
    [502, 'FETCH_FAILED'],
    [503, 'FETCH_FAILED']
  ])('HTTP %i is %s', async (code, expected) => {
    service.intercept = (_, response) => {
      status(code)(response)
      return true
    }
    await expect(fetched(hop())).rejects.toMatchObject(failure(expected, new RegExp(`HTTP ${code}`)))
  })

  test.each<[string, string, (response: ServerResponse) => void]>([
    ['no BSON', 'DECODE_FAILED', (response) => response.end('<html>')],
    ['no message', 'DECODE_FAILED', (response) => response.end(serialize({ metadata: { headers: [] } }))],
    ['no bytes', 'DECODE_FAILED', (response) => response.end(serialize({ message: 'text', headers: [] }))],
    [
      'headers that are none',
      'DECODE_FAILED',
      (response) => response.end(serialize({ ...stored, metadata: { headers: [1] } }))
    ],
    ['too large', 'DECODE_FAILED', (response) => response.end(serialize({ ...stored, message: Buffer.alloc(5000) }))],
    [
      'too large, and it does not say so',
      'DECODE_FAILED',
      (response) => {
        response.on('error', () => undefined)
        const more = () => response.writable && response.write(Buffer.alloc(1000), () => setImmediate(more))
        more()
      }
    ],
    ['too slow', 'FETCH_FAILED', (response) => response.write(serialize(stored).subarray(0, 50))],
    ['silent', 'FETCH_FAILED', () => undefined],
    ['dropped', 'FETCH_FAILED', (response) => response.socket!.destroy()],
    [
      'cut off',
      'FETCH_FAILED',
      (response) => {
        response.writeHead(200, { 'content-length': 500 })
        response.write('some', () => response.socket!.destroy())
      }
    ],
    [
      'itself a placeholder',
      'DECODE_FAILED',
      (response) => {
        const external = { headers: [['_format', Buffer.from('external')]] }
        response.end(serialize({ message: Buffer.from('{"url":"https://scimma.org/"}'), metadata: external }))
      }
    ],
    [
      'redirected to another host',
      'DECODE_FAILED',
      (response) => response.writeHead(302, { location: 'http://localhost/' }).end()
    ],
    ['redirected in a circle', 'DECODE_FAILED', (response) => response.writeHead(307, { location: '/again' }).end()],
    ['redirected to nowhere', 'DECODE_FAILED', status(304)]
  ])('%s: %s', async (_title, code, answer) => {
    service.intercept = (_, response) => {
      answer(response)
      return true
    }
    const codec = hop({ MAX_EXTERNAL_BYTES: 4000, EXTERNAL_TIMEOUT: 0.5 })
    await expect(fetched(codec)).rejects.toMatchObject({ code, message: expect.stringContaining('large message') })
  })

  test('a redirect on the same host is followed', async () => {
    service.intercept = ({ url }, response) => {
      if (url !== '/old') return false
      response.writeHead(302, { location: MESSAGE }).end()
      return true
    }
    expect(await fetched(hop(), placeholder(`${service.endpoint}/old`))).toMatchObject({ topic: placeholder().topic })
  })

  test.each([
    'http://127.0.0.1:1/',
    'http://169.254.169.254/latest',
    'https://scimma.org.example/',
    'file:///etc/passwd',
    ''
  ])('nothing is fetched from %s', async (url) => {
    const asked = fetched(hop(), placeholder(url))
    await expect(asked).rejects.toMatchObject({
      code: 'DECODE_FAILED',
      remedy: expect.stringContaining('EXTERNAL_HOSTS')
    })
  })

  test('no service is waited for, and the secret part of an address is not shown', async () => {
    const codec = hop({ EXTERNAL_HOSTS: ['127.0.0.1:1'] })
    const failed = await fetched(codec, placeholder('http://127.0.0.1:1/msg/1?token=secret'))!.catch(
      (error: Error) => error
    )
    expect(failed).toMatchObject(failure('FETCH_FAILED', /http:\/\/127\.0\.0\.1:1\/msg\/1 /))
    expect(String(failed)).not.toContain('secret')
  })

  test.each(['{"link":1}', '{bad', '[]'])('a placeholder without an address: %s', async (text) => {
    const asked = hop().prepare(messageOf(text, { _format: 'external' }), never)
    await expect(asked).rejects.toMatchObject({ code: 'DECODE_FAILED' })
  })
})

test('who gives up does not wait', async () => {
  service.intercept = () => true
  const stop = new AbortController()
  const asked = hop().prepare(placeholder(), stop.signal)
  setTimeout(() => stop.abort(), 50)
  await expect(asked).rejects.toThrow()
})

test('two are fetched at once, the others after them', async () => {
  let open = 0
  let most = 0
  service.readersAreKnown = false
  service.intercept = ({ url = '' }, response) => {
    most = Math.max(most, ++open)
    setTimeout(() => {
      open--
      response.end(service.stored.get(url))
    }, 30)
    return true
  }
  const codec = hop()
  const all = await Promise.all(Array.from({ length: 6 }, () => fetched(codec)))
  expect(all.map((message) => codec.decode(message!))).toEqual(Array(6).fill(body))
  expect(most).toBe(2)
})
