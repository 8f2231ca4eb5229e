import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Outgoing, Source } from '../../src/contract/sink.ts'
import { WebhookSink } from '../../src/sinks/webhook.ts'
import { RecordingLog } from '../contract/log.ts'
import { PATIENCE } from '../contract/reading.ts'
import { expectNone } from '../contract/secrets.ts'
import { sinkSetup, sourceOf } from '../contract/sink-bench.ts'
import { TOKEN, type WebhookOptions, webhookOptions } from '../harnesses/webhook-sink.ts'
import { WebhookServer } from '../webhook/server.ts'

const folder = mkdtempSync(join(tmpdir(), 'webhook-sink-'))
const log = new RecordingLog()
let server: WebhookServer
let count = 0

beforeEach(async () => {
  server = await new WebhookServer().start()
  count++
})
afterEach(async () => {
  await server.stop()
  expectNone([TOKEN], log.lines)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function open(options: Partial<WebhookOptions> = {}): WebhookSink {
  const URL = `http://127.0.0.1:${server.port}/services/T0/${TOKEN}?token=${TOKEN}`
  return new WebhookSink(
    { ...webhookOptions, URL, ...options },
    sinkSetup({ log, stateDir: join(folder, String(count)) })
  )
}

function send(sink: WebhookSink, outgoings: readonly Outgoing[], source: () => Source = () => sourceOf()) {
  return sink.write(
    outgoings.map((outgoing) => sink.place(outgoing, source())),
    AbortSignal.timeout(PATIENCE)
  )
}

const texts = () => server.taken.map(({ body }) => (JSON.parse(body.toString()) as { text: string }).text)
const values = (...all: readonly unknown[]) => all.map((value) => ({ value }))
const alert = {
  objectId: 'ZTF17aaarzyp',
  candid: 2982177112815010003n,
  candidate: { magpsf: 15.883607864379883, fid: 2 }
}

describe('what is sent', () => {
  test('JSON with all digits, the method and headers of the options, credentials of the URL', async () => {
    const url = `http://me:${TOKEN}@127.0.0.1:${server.port}/path`
    await send(
      open({ URL: url, METHOD: 'PUT', HEADERS: { 'Content-Type': 'application/vnd.alert+json' } }),
      values(alert)
    )
    const [{ method, path, headers, body }] = server.taken as [(typeof server.taken)[0]]
    expect([method, path, headers['content-type']]).toEqual(['PUT', '/path', 'application/vnd.alert+json'])
    expect(headers.authorization).toBe(`Basic ${Buffer.from(`me:${TOKEN}`).toString('base64')}`)
    expect(body.toString()).toContain('"candid":2982177112815010003')
  })

  test('a republished message decoded; one that cannot be is refused, and is told of as a dead letter', async () => {
    const sink = open()
    const source = sourceOf({ bytes: Buffer.from('{"a": 1}') })
    await send(sink, values(source.message.bytes), () => source)
    const broken = sourceOf({ bytes: Buffer.from('{"a"') })
    const place = (one: Source) => sink.place({ value: one.message.bytes }, one)
    expect(() => place(broken)).toThrow(expect.objectContaining({ code: 'SINK_REJECTED' }))
    const failure = { code: 'DECODE_FAILED', reason: 'no <JSON>', stack: undefined, attempts: 1 }
    await send(sink, values(broken.message.bytes), () => ({ ...broken, failure }))
    await send(open({ TEMPLATE: 'slack' }), values(broken.message.bytes), () => ({ ...broken, failure }))
    const bodies = server.taken.map(({ body }) => JSON.parse(body.toString()))
    expect(bodies).toMatchObject([
      { a: 1 },
      { code: 'DECODE_FAILED', value: Buffer.from('{"a"').toString('base64') },
      { text: 'Dead letter of a-stream, topic origin: DECODE_FAILED: no &lt;JSON&gt;' }
    ])
  })

  test('a text for Slack and Mattermost, in which an alert cannot call everyone', async () => {
    const TEXT =
      '<https://example.org/{objectId}|{objectId}> {candidate.magpsf:2} mag, {candid}, {nothing.there}, {note} ({topic})'
    const value = { ...alert, note: '<!channel> & @all' }
    await send(open({ TEMPLATE: 'slack', TEXT }), values(value))
    await send(open({ TEMPLATE: 'mattermost', TEXT: '{note}' }), values(value))
    await send(open({ TEMPLATE: 'slack' }), values("a handler's <https://example.org|own words>"))
    expect(texts()).toEqual([
      '<https://example.org/ZTF17aaarzyp|ZTF17aaarzyp> 15.88 mag, 2982177112815010003, -, &lt;!channel&gt; &amp; @all (origin)',
      '<!channel> & @\u200ball',
      "a handler's <https://example.org|own words>"
    ])
  })

  test('a template of JSON stays JSON whatever is filled in; any other is a text', async () => {
    const value = { name: 'say "hi"\n\\' }
    await send(open({ TEMPLATE: '{"embeds": [{"title": "{name}"}]}' }), values(value))
    await send(open({ TEMPLATE: '{name} from {stream}' }), values(value))
    const [json, plain] = server.taken
    expect(JSON.parse(json!.body.toString())).toEqual({ embeds: [{ title: value.name }] })
    expect([plain!.body.toString(), plain!.headers['content-type']]).toEqual([
      'say "hi"\n\\ from a-stream',
      'text/plain; charset=utf-8'
    ])
  })

  test('an Idempotency-Key that is the same for the same message, and no other', async () => {
    const sink = open()
    const { message } = sourceOf()
    await send(sink, values(1, 2), () => sourceOf(message))
    const same = sourceOf(message)
    await send(sink, values(1, 2), () => same)
    const keys = server.taken.map(({ headers }) => headers['idempotency-key'])
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/)
    // Of one delivery the second message has another key; the first one has that of the delivery before.
    expect(keys[2]).toBe(keys[0])
    expect(keys[3]).not.toBe(keys[0])
  })
})

describe('what is answered', () => {
  test.for([400, 413, 422])('%i refuses the one message, without a secret in the reason', async (status) => {
    server.answer = ({ body }) =>
      body.includes('bad') ? { status, body: `bad token ${TOKEN} of /services/T0/${TOKEN}` } : undefined
    const rejected = await send(open(), values('good', 'bad', 'good'))
    expect(rejected).toEqual([
      { index: 1, code: 'SINK_REJECTED', reason: expect.stringContaining(`answered ${status}`) }
    ])
    expectNone([TOKEN], rejected)
    expect(server.taken.length).toBe(2)
  })

  test.for([301, 401, 403, 404, 405, 408, 429, 500, 502, 503])(
    '%i is a fault of the endpoint; what was taken is not sent again',
    async (status) => {
      const sink = open()
      const batch = values(1, 2, 3).map((outgoing) => sink.place(outgoing, sourceOf()))
      let broken = true
      const answer = { status, headers: { location: `/moved/${TOKEN}` }, body: TOKEN }
      server.answer = ({ body }) => (broken && String(body) === '2' ? answer : undefined)
      const error = await sink.write(batch, AbortSignal.timeout(PATIENCE)).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'SINK_UNAVAILABLE', remedy: expect.stringMatching(/\S/) })
      expect(String(error)).toContain(`answered ${status}`)
      expectNone([TOKEN], error)
      broken = false
      expect(await sink.write(batch, AbortSignal.timeout(PATIENCE))).toEqual([])
      expect(server.all.map(({ body }) => Number(body))).toEqual([1, 2, 2, 3])
      expect(server.all[1]!.headers['idempotency-key']).toBe(server.all[2]!.headers['idempotency-key'])
    }
  )

  test.for([
    ['seconds', (): string => '1'],
    ['a date', (): string => new Date(Date.now() + 2000).toUTCString()]
  ] as const)('Retry-After in %s is waited for', async ([, header]) => {
    const sink = open()
    const batch = [sink.place({ value: 1 }, sourceOf())]
    server.answer = () => ({ status: 429, headers: { 'retry-after': header() } })
    await expect(sink.write(batch, AbortSignal.timeout(PATIENCE))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' })
    server.answer = () => undefined
    await expect(sink.write(batch, AbortSignal.timeout(100))).rejects.toThrow()
    expect(server.all.length).toBe(1)
    await sink.write(batch, AbortSignal.timeout(PATIENCE))
    // A date has whole seconds.
    expect(server.taken[0]!.at - server.all[0]!.at).toBeGreaterThanOrEqual(950)
  })

  test.for(['never', 'cut'] as const)('an endpoint that answers %s is unavailable', async (how) => {
    server.answer = () => how
    const error = await send(open({ TIMEOUT: 0.3 }), values(1)).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'SINK_UNAVAILABLE' })
    if (how === 'never') expect(String(error)).toContain('no answer within 0.3 s')
    expectNone([TOKEN], error)
  })
})

describe('how much is sent', () => {
  test('no more than RATE', async () => {
    await send(open({ RATE: 200 }), values(1, 2, 3, 4))
    const gaps = server.taken.slice(1).map(({ at }, index) => at - server.taken[index]!.at)
    expect(gaps.length).toBe(3)
    expect(server.taken[3]!.at - server.taken[0]!.at).toBeGreaterThanOrEqual(550)
  })

  test('a burst as one message, that is the same one when it is sent again', async () => {
    const sink = open({ TEMPLATE: 'slack', TEXT: 'new: {n}\nmore', BURST: 3, RATE: 1 })
    const batch = Array.from({ length: 50 }, (_, n) => sink.place({ value: { n } }, sourceOf()))
    server.answer = () => ({ status: 503 })
    await expect(sink.write(batch, AbortSignal.timeout(PATIENCE))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' })
    server.answer = () => undefined
    expect(await sink.write(batch, AbortSignal.timeout(PATIENCE))).toEqual([])
    expect(texts()).toEqual(['50 alerts, the first 3:\n- new: 0\n- new: 1\n- new: 2'])
    const keys = server.all.map(({ headers }) => headers['idempotency-key'])
    expect(keys[1]).toBe(keys[0])
    await send(sink, values({ n: 'a' }, { n: 'b' }, { n: 'c' }))
    expect(texts().slice(1)).toEqual(['new: a\nmore', 'new: b\nmore', 'new: c\nmore'])
  })

  test('a burst with ONCE counts each key once', async () => {
    const sink = open({ TEMPLATE: '{n}', BURST: 3, RATE: 1, ONCE: 3600 })
    const keyed = (count: number) => Array.from({ length: 12 }, (_, n) => ({ key: `k${n % count}`, value: { n } }))
    await send(sink, keyed(2))
    await send(sink, keyed(6))
    await sink.close()
    const bodies = server.taken.map(({ body }) => String(body))
    expect(bodies).toEqual(['0', '1', '4 alerts, the first 3:\n- 2\n- 3\n- 4'])
  })

  test('one message for a key within ONCE, also by the next process', async () => {
    const keyed = (...keys: readonly string[]) => keys.map((key, value) => ({ key, value: `${key}${value}` }))
    const first = open({ ONCE: 3600 })
    await send(first, [...keyed('a', 'a', 'b'), { value: 'no key' }, { value: 'no key' }])
    await send(first, keyed('b', 'c'))
    await first.close()
    const second = open({ ONCE: 3600 })
    await send(second, keyed('a', 'd'))
    await second.close()
    const third = open({ ONCE: 0.001 })
    await send(third, keyed('a'))
    await third.close()
    const bodies = server.taken.map(({ body }) => JSON.parse(body.toString()))
    expect(bodies).toEqual(['a0', 'b2', 'no key', 'no key', 'c1', 'd1', 'a0'])
  })

  test('what was not taken does not count as sent', async () => {
    const sink = open({ ONCE: 3600 })
    server.answer = ({ body }) => (body.includes('refused') ? { status: 400 } : undefined)
    await send(sink, [
      { key: 'b', value: 'refused' },
      { key: 'b', value: 'second' },
      { key: 'b', value: 'third' }
    ])
    expect(server.taken.map(({ body }) => String(body))).toEqual(['"second"'])
    server.taken.length = 0
    const batch = [sink.place({ key: 'a', value: 1 }, sourceOf())]
    server.answer = () => ({ status: 500 })
    await expect(sink.write(batch, AbortSignal.timeout(PATIENCE))).rejects.toThrow()
    server.answer = () => undefined
    await sink.write(batch, AbortSignal.timeout(PATIENCE))
    expect(server.taken.length).toBe(1)
    await sink.close()
  })
})

test('options that cannot work are named without the URL', () => {
  const problem = (options: Partial<WebhookOptions>) => {
    try {
      open(options)
      return undefined
    } catch (error) {
      expectNone([TOKEN], error)
      return String(error)
    }
  }
  expect(problem({ URL: `ftp://host/${TOKEN}` })).toContain('no address of an HTTP endpoint')
  expect(problem({ URL: `hooks/${TOKEN}` })).toContain('no address of an HTTP endpoint')
  expect(problem({ TEXT: 'x' })).toContain('TEXT is given without TEMPLATE')
})
