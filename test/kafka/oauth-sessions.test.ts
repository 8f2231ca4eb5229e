import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { RecordingLog } from '../contract/log.ts'
import { expectNone } from '../contract/secrets.ts'
import { sinkSetup, sourceOf } from '../contract/sink-bench.ts'
import { KafkaSink } from '../../src/sinks/kafka.ts'
import { type Behaviour, startTokenServer, type TokenServer } from '../services/token-server.ts'
import { describeKafkaSasl, kafka, newTopic, produce, readTopic } from '../setup/services.ts'
import { live, newGroup, numberOf, numbered, numbersOf, upTo } from './life.ts'
import { options, sinkOptions } from './options.ts'

/** `npm run oauth:long` takes tokens as short as nobody gives, and long enough for thirty of them. */
const LONG = process.env.OAUTH_LONG !== undefined
const LIFE = LONG ? 10 : 5
const RENEWALS = LONG ? 30 : 3

async function tokenServer(given: Partial<Behaviour> = {}): Promise<TokenServer> {
  const server = await startTokenServer(kafka()!.oauthKeyFile!, given)
  onTestFinished(() => server.close())
  return server
}

function connectionTo({ url, clientId, clientSecret }: TokenServer) {
  const { saslSsl, caFile } = kafka()!
  return {
    URL: saslSsl,
    SSL_CA_LOCATION: caFile,
    CLIENT_ID: clientId,
    CLIENT_SECRET: clientSecret,
    TOKEN_URL: url
  }
}

const read = (topic: string, server: TokenServer) =>
  live([topic], { groupId: newGroup(), connection: options(connectionTo(server)) })

/** Writes numbers, one after the other, until told to stop; gives how many. */
async function write(sink: KafkaSink, signal: AbortSignal): Promise<number> {
  for (let n = 0; ; n++) {
    if (signal.aborted) return n
    const batch = [sink.place({ value: Buffer.from(String(n)) }, sourceOf())]
    expect(await sink.write(batch, AbortSignal.timeout(20_000))).toEqual([])
    await pause(20)
  }
}

/** Of a connection that kafkajs itself has put away while it starts; one that the broker ends is an EPIPE. */
const PUT_AWAY = 'kafkajs: Connection error: write after end'

/** Whatever went wrong: our warnings and errors, and what kafkajs says at all, which are its own. */
const complaints = ({ lines }: RecordingLog) =>
  lines.filter(
    ({ level, text }) =>
      level === 'warn' || level === 'error' || (text.startsWith('kafkajs:') && !text.startsWith(PUT_AWAY))
  )

describeKafkaSasl('OAUTHBEARER', () => {
  test(`tokens of ${LIFE} s, ${RENEWALS} renewals: no session is lost, and no message is lost or repeated`, {
    timeout: LIFE * 1000 * (RENEWALS + 5) + 60_000
  }, async () => {
    const [busy, idle] = [await newTopic('oauth-busy'), await newTopic('oauth-idle')]
    const [writer, reader, waiter] = [await tokenServer(), await tokenServer(), await tokenServer()]
    for (const server of [writer, reader, waiter]) server.life = LIFE
    const log = new RecordingLog()
    const given = { ...connectionTo(writer), TOPIC: busy, COMPRESSION: 'gzip' }
    const sink = new KafkaSink(sinkOptions(given), sinkSetup({ log }))
    onTestFinished(() => sink.close())
    await sink.connect(AbortSignal.timeout(20_000))
    const [reading, waiting] = [await read(busy, reader), await read(idle, waiter)]
    const enough = new AbortController()
    const writing = write(sink, enough.signal)
    reading.reading.ack(await reading.reading.take(10))
    await vi.waitFor(() => expect(waiting.events).toContainEqual({ kind: 'reading' }), 10_000)
    const logs = [reading.log, waiting.log, log]
    // Groups and producer ids that are not ready yet are no matter of ours.
    const started = logs.map(({ lines }) => lines.length)
    for (const { events } of [reading, waiting]) events.length = 0
    const expectNoComplaint = () =>
      expect(
        logs.flatMap((one, n) => complaints(one).filter((line) => one.lines.indexOf(line) >= started[n]!))
      ).toEqual([])
    while ([writer, reader, waiter].some(({ tokens }) => tokens.length <= RENEWALS)) {
      reading.reading.ack(await reading.reading.take(10))
      expectNoComplaint()
    }
    enough.abort()
    const count = await writing
    await produce(idle, [{ value: '7' }])
    expect(numbersOf(await waiting.reading.take(1))).toEqual([7])
    await vi.waitFor(() => expect(reading.reading.deliveries.length).toBeGreaterThanOrEqual(count), 10_000)
    await pause(500)
    expect(reading.reading.deliveries.map(numberOf)).toEqual(upTo(count))
    expect(await readTopic(busy)).toHaveLength(count)
    for (const { events } of [reading, waiting]) expect(events.filter(({ kind }) => kind !== 'committed')).toEqual([])
    expectNoComplaint()
    // Not more often than needed: kafkajs by itself asks ten times as often.
    for (const { tokens } of [writer, reader, waiter]) expect(tokens.length).toBeLessThan(RENEWALS * 2 + 3)
    for (const server of [writer, reader, waiter])
      expectNone(
        [server.clientSecret, ...server.tokens],
        logs.map(({ lines }) => lines)
      )
  })

  test('a token that the broker refuses fails the start, and is said', async () => {
    for (const gives of ['garbage', 'expired'] as const) {
      const server = await tokenServer({ gives })
      const error: unknown = await read('any', server).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({
        code: 'CREDENTIALS_REFUSED',
        message: expect.stringMatching(/refuses the token that http:.* gave: invalid_token$/),
        remedy: expect.stringContaining('TOKEN_URL')
      })
      expectNone([server.clientSecret, ...server.tokens], error)
    }
  })

  test('a secret that the token server refuses fails the start; a server that is away is waited for', async () => {
    const server = await tokenServer({ gives: 'refusals' })
    await expect(read('any', server)).rejects.toMatchObject({
      code: 'CREDENTIALS_REFUSED',
      message: `${server.url} gives no token: invalid_client`
    })
    server.gives = 'errors'
    await expect(read('any', server)).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: `no token from ${server.url}: its answer was 503 temporarily_unavailable`
    })
    server.gives = 'silence'
    await expect(read('any', server)).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: `no token from ${server.url}: no answer within 10 s`
    })
  })

  test('a token server that is away for longer than a token lives is waited for, and nothing is lost', {
    timeout: 90_000
  }, async () => {
    const topic = await newTopic('oauth-away')
    const server = await tokenServer({ life: 5 })
    const { reading, events, log } = await read(topic, server)
    await produce(topic, numbered(0, 5))
    reading.ack(await reading.take(5))
    server.gives = 'errors'
    await vi.waitFor(() => expect(events).toContainEqual(expect.objectContaining({ kind: 'waiting' })), 30_000)
    await produce(topic, numbered(5, 10))
    server.gives = 'tokens'
    reading.ack(await reading.take(5))
    expect(reading.deliveries.map(numberOf)).toEqual(upTo(10))
    const said = [...log.texts('warn'), ...log.texts('info')].join('\n')
    expect(said).toMatch(/no token from .* 503 .*The present token is good for \d s; trying again/)
    expect(said).toMatch(/no token from .* 503 .*Trying again; nothing is lost/)
    expect(said).toMatch(/gives tokens again/)
    expectNone([server.clientSecret, ...server.tokens], [log.lines, events])
  })

  test.each([
    ['refusals', /gives no token: invalid_client$/],
    ['garbage', /refuses the token that .* gave: invalid_token$/]
  ] as const)('%s in the course of things end the stream, and say why', { timeout: 60_000 }, async (gives, message) => {
    const server = await tokenServer({ life: 4 })
    const { reading, log } = await read(await newTopic('oauth-refused'), server)
    server.gives = gives
    const error: unknown = await reading.end().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'CREDENTIALS_REFUSED',
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(/\S/)
    })
    expectNone([server.clientSecret, ...server.tokens], [error, log.lines])
  })
})
