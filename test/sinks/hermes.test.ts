import { describe, expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config/index.ts'
import { HermesSink } from '../../src/sinks/hermes.ts'
import type { Submission } from '../../src/hermes/submissions.ts'
import { RecordingLog } from '../contract/log.ts'
import { PATIENCE } from '../contract/reading.ts'
import { sourceOf } from '../contract/sink-bench.ts'
import { Workshop } from '../docs/workshop.ts'
import { hermesSink } from '../harnesses/hermes-sink.ts'
import { HermesService, type Instead, NO_CREDENTIAL } from '../hermes/hermes-service.ts'
import { readOptions } from '../kafka/options.ts'
import { describeKafkaSasl, kafka, newTopic, readTopic } from '../setup/services.ts'

const TOPIC = 'hermes.test'
const soon = () => AbortSignal.timeout(PATIENCE)
const numbered = (n: number, more: object = {}) => ({ title: `message ${n}`, submitter: 'me', data: { n }, ...more })
const numbersAt = (service: HermesService) => service.published.map(({ message }) => (message.data as { n: number }).n)
const idsAt = (service: HermesService) =>
  service.published.map(({ message }) => (message.data as { alertstreams_id: string }).alertstreams_id)

async function bench(options: Readonly<Record<string, unknown>> = {}) {
  const service = await HermesService.start()
  const log = new RecordingLog()
  const sink = hermesSink({ URL: service.url, TOKEN: service.token, TOPIC, ...options }, { log })
  onTestFinished(async () => {
    await sink.close()
    await service[Symbol.asyncDispose]()
    expect(JSON.stringify(log.lines)).not.toContain(service.token)
  })
  const place = (n: number, more: object = {}) => sink.place({ value: numbered(n, more) }, sourceOf()) as Submission
  return { service, log, sink, place }
}

async function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (thrown: unknown) => thrown
  )
}

const html = '<html>Server Error (500)</html>'
const tree = { title: ['This field is required.'], data: { targets: [{}, { ra: ['A valid number is required.'] }] } }

describe('over HTTP', () => {
  test('what Hermes gives a uuid for is published, with the topic of the sink and an id of ours', async () => {
    const { service, sink, place, log } = await bench()
    await sink.connect(soon())
    expect(await sink.write([place(1), place(2)], soon())).toEqual([])
    expect(numbersAt(service)).toEqual([1, 2])
    expect(service.published[0]!.message).toMatchObject({ topic: TOPIC, submitter: 'me' })
    expect(new Set(idsAt(service)).size).toBe(2)
    expect(log.lines.map(({ fields }) => fields)).toMatchObject(service.published.map(({ uuid }) => ({ uuid })))
  })

  test.each<[string, Instead, RegExp]>([
    [
      'a tree of errors',
      { status: 400, body: tree },
      /title: This field is required\.; data\.targets\[1\]\.ra: A valid/
    ],
    [
      'JSON that it cannot read',
      { status: 400, body: { detail: 'JSON parse error - x' } },
      /400\): JSON parse error - x/
    ],
    ['a message too large', { status: 413, body: html }, /HTTP 413/],
    [
      'one too large for its topic',
      { status: 400, body: { error: 'Error posting message to kafka: MSG_SIZE_TOO_LARGE' } },
      /MSG_SIZE/
    ]
  ])('%s rejects the one message, with the reason; the others are published', async (_, instead, reason) => {
    const { service, sink, place } = await bench()
    const batch = [place(1), place(2), place(3)]
    service.next('take it', instead)
    expect(await sink.write(batch, soon())).toEqual([
      { index: 1, code: 'SINK_REJECTED', reason: expect.stringMatching(reason) }
    ])
    expect(numbersAt(service)).toEqual([1, 3])
  })

  test.each<[string, Instead, RegExp, RegExp]>([
    ['200 without a credential', { status: 200, body: { error: NO_CREDENTIAL } }, /SCIMMA auth/, /logged in/],
    [
      '400 of its Kafka',
      { status: 400, body: { error: 'Error posting message to kafka: x' } },
      /kafka: x/,
      /may write/
    ],
    ['401', { status: 401, body: { detail: 'Invalid token.' } }, /Invalid token/, /TOKEN/],
    ['403', { status: 403, body: { detail: 'No.' } }, /403/, /TOKEN/],
    ['404', { status: 404, body: html }, /404/, /URL/],
    ['a redirect', { status: 301, body: '', headers: { Location: 'https://example.org/' } }, /301/, /URL/],
    ['400 of a proxy', { status: 400, body: '<html>Bad Request</html>' }, /400/, /URL/],
    ['429', { status: 429, body: '' }, /429/, /RATE/],
    ['503', { status: 503, body: '' }, /503/, /\S/],
    ['no connection', 'hang up', /\S/, /URL/]
  ])('%s is a fault of the target, and nothing is lost', async (_, instead, reason, remedy) => {
    const { service, sink, place } = await bench()
    const batch = [place(1), place(2)]
    service.next('take it', instead)
    const error = await refusal(sink.write(batch, soon()))
    expect(error).toMatchObject({ code: 'SINK_UNAVAILABLE', remedy: expect.stringMatching(remedy) })
    expect(String(error)).toMatch(reason)
    expect(await sink.write(batch, soon())).toEqual([])
    expect(numbersAt(service)).toEqual([1, 2])
  })

  test.each<[string, Instead, boolean]>([
    ['500', { status: 500, body: html }, false],
    ['502', { status: 502, body: html }, false],
    ['a 200 that is none of Hermes', { status: 200, body: '<html>Log in</html>' }, false],
    ['502 behind which it was published', 'publish and answer 502', true],
    ['an answer that was lost', 'publish and hang up', true]
  ])('%s: whoever reads the log is told that it may be there twice', async (_, instead, twice) => {
    const { service, sink, place, log } = await bench()
    const batch = [place(1), place(2)]
    service.next(instead)
    expect(await refusal(sink.write(batch, soon()))).toMatchObject({ code: 'SINK_UNAVAILABLE' })
    expect(log.texts('warn')).toEqual([])
    expect(await sink.write(batch, soon())).toEqual([])
    expect(numbersAt(service)).toEqual(twice ? [1, 1, 2] : [1, 2])
    const [first, second] = idsAt(service)
    expect(log.texts('warn')).toEqual([expect.stringMatching(/"message 1" is submitted again.*hermes\.test twice/)])
    expect(log.lines.find(({ level }) => level === 'warn')!.fields).toMatchObject({ alertstreams_id: first })
    expect(first === second).toBe(twice)
  })

  test('a refusal behind a lost answer says that it may be there all the same', async () => {
    const { service, sink, place } = await bench()
    const batch = [place(1)]
    service.next('publish and hang up', { status: 400, body: tree })
    expect(await refusal(sink.write(batch, soon()))).toMatchObject({ code: 'SINK_UNAVAILABLE' })
    expect(await sink.write(batch, soon())).toEqual([
      { index: 0, code: 'SINK_REJECTED', reason: expect.stringMatching(/may have published it/) }
    ])
    expect(numbersAt(service)).toEqual([1])
  })

  test('what surely was not published is submitted again without a word', async () => {
    const { service, sink, place, log } = await bench()
    const batch = [place(1)]
    for (const status of [429, 503, 401]) {
      service.next({ status, body: '' })
      expect(await refusal(sink.write(batch, soon()))).toMatchObject({ code: 'SINK_UNAVAILABLE' })
    }
    expect(await sink.write(batch, soon())).toEqual([])
    expect(log.texts('warn')).toEqual([])
    expect(numbersAt(service)).toEqual([1])
  })

  test('silence is given up after TIMEOUT, and by whoever stops waiting', async () => {
    const { service, sink, place, log } = await bench({ TIMEOUT: '300ms' })
    const batch = [place(1)]
    service.next('be silent', 'be silent')
    expect(await refusal(sink.write(batch, soon()))).toMatchObject({ code: 'SINK_UNAVAILABLE' })
    const start = Date.now()
    await expect(sink.write(batch, AbortSignal.timeout(50))).rejects.toThrow()
    expect(Date.now() - start).toBeLessThan(250)
    expect(await sink.write(batch, soon())).toEqual([])
    expect(log.texts('warn')).toEqual([/again/, /was stopped/, /again/].map((text) => expect.stringMatching(text)))
  })

  test('Retry-After is waited for, in seconds and as a date', async () => {
    for (const header of ['2', () => new Date(Date.now() + 2500).toUTCString()]) {
      const { service, sink, place } = await bench()
      const batch = [place(1)]
      service.next({
        status: 429,
        body: '',
        headers: { 'Retry-After': typeof header === 'string' ? header : header() }
      })
      const start = Date.now()
      expect(String(await refusal(sink.write(batch, soon())))).toMatch(/asks to wait [12] s|asks to wait 3 s/)
      await expect(sink.write(batch, AbortSignal.timeout(100))).rejects.toThrow()
      expect(service.submissions).toBe(1)
      expect(await sink.write(batch, soon())).toEqual([])
      expect(service.published[0]!.at - start).toBeGreaterThan(header === '2' ? 1900 : 400)
    }
  })

  test('RATE keeps submissions apart, over all topics', async () => {
    const { service, sink, place } = await bench({ RATE: 10 })
    const [one, two] = [[1, 2, 3].map((n) => place(n)), [4, 5, 6].map((n) => place(n, { topic: 'tomtoolkit.test' }))]
    await Promise.all([sink.write(one!, soon()), sink.write(two!, soon())])
    const times = service.published.map(({ at }) => at)
    expect(times).toHaveLength(6)
    expect(times.at(-1)! - times[0]!).toBeGreaterThan(450)
  })

  test('connecting finds out about the token, the topic and the address', async () => {
    const unknown = await bench({ TOKEN: 'another' })
    expect(await refusal(unknown.sink.connect(soon()))).toMatchObject({
      code: 'SINK_UNAVAILABLE',
      message: expect.stringMatching(/401: Invalid token/),
      remedy: expect.stringMatching(/TOKEN/)
    })
    const forbidden = await bench({ TOPIC: 'gcn.circulars' })
    expect(await refusal(forbidden.sink.connect(soon()))).toMatchObject({
      code: 'SINK_UNAVAILABLE',
      message: expect.stringMatching(/may not write to gcn\.circulars/),
      remedy: expect.stringMatching(/hermes\.test, tomtoolkit\.test/)
    })
    forbidden.service.writable = ['gcn.circulars']
    await forbidden.sink.connect(soon())
    forbidden.service.writable = undefined
    await forbidden.sink.connect(soon())
    const { service } = await bench()
    const lost = hermesSink({ URL: `${service.url}elsewhere`, TOKEN: service.token, TOPIC })
    expect(await refusal(lost.connect(soon()))).toMatchObject({ remedy: expect.stringMatching(/URL/) })
  })

  test('a message keeps its id over redeliveries, and differs from others of the same alert', async () => {
    const { sink } = await bench()
    const source = sourceOf()
    const place = (n: number, from = source) => sink.place({ value: numbered(n) }, from) as Submission
    expect(place(1).identity).toBe(place(1).identity)
    expect(new Set([place(1), place(2), place(1, sourceOf())].map(({ identity }) => identity)).size).toBe(3)
    expect(place(1).identity).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})

describe('before anything is sent', () => {
  const rejected = (reason: RegExp) =>
    expect.objectContaining({ code: 'SINK_REJECTED', message: expect.stringMatching(reason) })

  test('what Hermes would refuse is rejected, with the fields named', async () => {
    const { sink, service } = await bench()
    const place = (value: unknown) => () => sink.place({ value }, sourceOf())
    expect(place({ title: 'x', data: { targets: [{ name: 'a', ra: 1 }] } })).toThrow(
      rejected(/submitter: This field is required\.; data\.targets\[0\]\.dec: ra and dec go together/)
    )
    for (const value of [null, 'text', 7, [], Buffer.from('no JSON'), Buffer.from([0xff]), Buffer.from('[]')]) {
      expect(place(value)).toThrow(rejected(/no record|no JSON/))
    }
    expect(service.submissions).toBe(0)
  })

  test('bytes may hold a message: large integers keep their digits', async () => {
    const { sink, service } = await bench()
    const text = '{"title":"t","submitter":"s","topic":"tomtoolkit.test","data":{"candid":2982177112815010003}}'
    const placed = sink.place({ value: Buffer.from(text) }, sourceOf()) as Submission
    expect(placed.text).toContain('"candid":2982177112815010003')
    await sink.write([placed], soon())
    expect(service.published).toMatchObject([{ topic: 'tomtoolkit.test' }])
  })

  test("the topic is the outgoing's, else the message's, else the template; USER_TOPICS restricts", async () => {
    const { sink } = await bench({ TOPIC: '{stream}.{topic}' })
    const of = (topic?: string, own?: string) => {
      const value = numbered(1, own === undefined ? {} : { topic: own })
      return sink.place({ value, ...(topic !== undefined && { topic }) }, sourceOf({ topic: 'ztf' })).target
    }
    expect([of(), of(undefined, 'own'), of('given', 'own')]).toEqual(['a-stream.ztf', 'own', 'given'])
    const restricted = hermesSink({ TOKEN: 't', USER_TOPICS: ['hermes.test'] })
    expect(() => restricted.place({ value: numbered(1, { topic: 'hermes.message' }) }, sourceOf())).toThrow(
      rejected(/hermes\.message is not among USER_TOPICS/)
    )
    expect(() => restricted.place({ value: numbered(1) }, sourceOf())).toThrow(
      rejected(/topic: This field is required/)
    )
    expect(restricted.place({ value: numbered(1, { topic: 'hermes.test' }) }, sourceOf()).target).toBe('hermes.test')
  })

  test('AUTHORS are those of messages without', async () => {
    const { place } = await bench({ AUTHORS: 'the team' })
    const authors = (more: object) => JSON.parse(place(1, more).text).authors as string
    expect([authors({}), authors({ authors: '' }), authors({ authors: 'me' })]).toEqual(['the team', 'the team', 'me'])
  })
})

describe('options', () => {
  const check = (given: Readonly<Record<string, unknown>>) => () =>
    HermesSink.writes(readOptions(HermesSink.fields, given))

  test.each([
    [{}, /neither TOKEN/],
    [{ TOKEN: 't', USERNAME: 'u', PASSWORD: 'p' }, /TOKEN and USERNAME/],
    [{ USERNAME: 'u' }, /no PASSWORD/],
    [{ TOKEN: 't', TOPIC: 'a', USER_TOPICS: ['b'] }, /a is not among USER_TOPICS/],
    [{ TOKEN: 't', RATE: 0 }, /RATE is 0/],
    [{ TOKEN: 't', URL: 'http://hermes.example.org/' }, /https/],
    [{ TOKEN: 't', URL: 'https://user:x@hermes.example.org/' }, /without a user name/]
  ])('%o are refused', (given, reason) => {
    expect(check(given)).toThrow(reason)
  })

  test('loops through SCiMMA are found on both ways', () => {
    const place = { cluster: 'kafka.scimma.org:9092', topic: 'hermes.test' }
    expect(check({ TOKEN: 't', TOPIC: 'hermes.test' })()).toEqual(place)
    expect(check({ USERNAME: 'u', PASSWORD: 'p', TOPIC: 'hermes.test' })()).toEqual(place)
  })

  test('the names of a TOM are taken, and a loop is refused at the start', async () => {
    const workshop = new Workshop()
    onTestFinished(() => workshop.remove())
    const config = (topic: string) => ({
      ALERT_STREAMS: [
        {
          NAME: 'HopskotchAlertStream',
          OPTIONS: {
            USERNAME: 'u',
            PASSWORD: 'p',
            TOPIC_HANDLERS: { [topic]: { HANDLER: 'hermes-message', SINKS: 'hermes', ON_FAILURE: 'skip' } }
          }
        }
      ],
      SINKS: {
        hermes: {
          NAME: 'HermesSink',
          OPTIONS: {
            BASE_URL: 'https://hermes.lco.global',
            // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the configuration
            HERMES_API_KEY: '${KEY}',
            USER_TOPICS: ['hermes.test'],
            TOPIC: 'hermes.test'
          }
        }
      }
    })
    const load = (name: string, topic: string) =>
      loadConfig([workshop.write(name, JSON.stringify(config(topic)))], { env: { KEY: 'k' } })
    const good = await load('good.yaml', 'ztf')
    expect(good.problems).toBeUndefined()
    expect(good.config!.secrets).toContain('k')
    expect(JSON.stringify((await load('loop.yaml', 'hermes.*')).problems)).toContain('a loop')
  })
})

describeKafkaSasl('straight to a Hopskotch topic', () => {
  test('messages stand there as Hermes publishes them; sent again they have the same id', async () => {
    const topic = await newTopic('hermes')
    const { saslSsl, caFile } = kafka()!
    const connection = { BROKER_URL: saslSsl, SSL_CA_LOCATION: caFile, USERNAME: 'alice', PASSWORD: 'alice-secret' }
    const sink = hermesSink({ ...connection, TOPIC: topic })
    onTestFinished(() => sink.close())
    await sink.connect(soon())
    const source = sourceOf()
    const target = { name: 'AT2024abc', ra: '150.5', dec: 15, aliases: [], comments: null }
    const row = { target_name: 'AT2024abc', date_obs: '60736.2', instrument: 'ZTF', bandpass: 'r', brightness: 18.21 }
    const value = numbered(7, { submit_to_tns: false, data: { n: 7, targets: [target], photometry: [row] } })
    for (const _ of [1, 2]) expect(await sink.write([sink.place({ value, key: 'k' }, source)], soon())).toEqual([])
    const [first, second] = await readTopic(topic)
    expect(first!.headers.map(([name]) => name)).toEqual(['topic', '_id', '_format', 'title', '_sender'])
    const headers = Object.fromEntries(first!.headers.map(([name, bytes]) => [name, Buffer.from(bytes!)]))
    expect([headers.topic, headers._format, headers.title, headers._sender].map(String)).toEqual([
      topic,
      'json',
      'message 7',
      'alice'
    ])
    expect(headers._id).toHaveLength(16)
    expect(second!.headers).toEqual(first!.headers)
    const body = JSON.parse(first!.value!.toString())
    expect(headers._id!.toString('hex')).toBe(body.data.alertstreams_id.replaceAll('-', ''))
    expect(body).toEqual({
      title: 'message 7',
      topic,
      submitter: 'me',
      authors: '',
      message_text: '',
      data: {
        n: 7,
        targets: [
          {
            name: 'AT2024abc',
            ra: 150.5,
            dec: 15,
            ra_error_units: 'degrees',
            dec_error_units: 'degrees',
            epoch: '2000.0',
            new_discovery: false
          }
        ],
        photometry: [{ ...row, brightness_unit: 'AB mag', limiting_brightness_unit: 'AB mag' }],
        alertstreams_id: expect.any(String)
      }
    })
  })
})
