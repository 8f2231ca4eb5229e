import { describe, expect, onTestFinished, test } from 'vitest'
import { tokenUrl } from '../../src/kafka/addresses.ts'
import { Tokens } from '../../src/kafka/oauth.ts'
import { renewAfter } from '../../src/kafka/renewal.ts'
import { RecordingLog } from '../contract/log.ts'
import { expectNone } from '../contract/secrets.ts'
import { type Behaviour, startTokenServer } from '../services/token-server.ts'
import { keyFile } from './signing-key.ts'

const secretsOf = ({ clientId, clientSecret, tokens }: Awaited<ReturnType<typeof startTokenServer>>) => [
  clientSecret,
  encodeURIComponent(clientSecret),
  Buffer.from(`${clientId}:${clientSecret}`).toString('base64'),
  ...tokens
]

/** Its clock stands still until the test moves it. */
async function setUp(given: Partial<Behaviour> = {}, scope?: string) {
  const server = await startTokenServer(keyFile(), given)
  onTestFinished(() => server.close())
  const log = new RecordingLog()
  const { url, clientId, clientSecret } = server
  const clock = { now: 1_000_000 }
  const tokens = new Tokens({ tokenUrl: url, clientId, clientSecret, scope }, log, () => clock.now)
  return { server, log, clock, tokens }
}

test('a token and a session are renewed at 80 % of their life, or 5 minutes before its end where that is later', () => {
  expect(renewAfter(10_000)).toBe(8000)
  expect(renewAfter(3_600_000)).toBe(3_300_000)
  expect(renewAfter(2000)).toBe(1600)
  // Brokers take no second authentication within one second.
  expect(renewAfter(1200)).toBe(1100)
  expect(renewAfter(500)).toBe(500)
})

describe('tokens', () => {
  test('are asked for once by many, kept, and renewed before they end', async () => {
    const { server, clock, tokens } = await setUp({ life: 10 })
    const first = await Promise.all(Array.from({ length: 20 }, () => tokens.get()))
    expect(new Set(first)).toEqual(new Set(server.tokens))
    clock.now += 7999
    expect(await tokens.get()).toBe(first[0])
    clock.now += 1
    const next = await Promise.all([tokens.get(), tokens.get()])
    expect(server.tokens).toEqual([first[0], next[0]])
    expect(next[1]).toBe(next[0])
    expect(server.asked[0]).toEqual({ grant_type: 'client_credentials' })
  })

  test('are asked for with a scope where there is one, and with the secret in the body where the header is refused', async () => {
    const { server, clock, tokens } = await setUp({ wants: 'body' }, 'gcn.example/kafka-public-consumer')
    await tokens.get()
    clock.now += 3_600_000
    await tokens.get()
    expect(server.tokens).toHaveLength(2)
    // Tried once, not again.
    expect(server.asked.map(({ client_id }) => client_id)).toEqual([undefined, 'alice', 'alice'])
    expect(server.asked[0]!.scope).toBe('gcn.example/kafka-public-consumer')
  })

  test.each(['errors', 'refusals', 'nonsense'] as const)(
    'are used as long as they are good while the server gives %s, which is said once',
    async (gives) => {
      const { server, log, clock, tokens } = await setUp({ life: 10 })
      const token = await tokens.get()
      server.gives = gives
      clock.now += 8000
      expect(await tokens.get()).toBe(token)
      clock.now += 500
      expect(await tokens.get()).toBe(token)
      expect(log.lines.map(({ level }) => level)).toEqual(['warn'])
      expect(log.lines[0]!.text).toMatch(/token.*The present token is good for 2 s; trying again\.$/)
      clock.now += 1000
      const code = gives === 'refusals' ? 'CREDENTIALS_REFUSED' : 'CONNECT_FAILED'
      await expect(tokens.get()).rejects.toMatchObject({ code, remedy: expect.stringMatching(/\S/) })
      server.gives = 'tokens'
      expect(await tokens.get()).toBe(server.tokens[1])
      expect(log.lines.at(-1)).toMatchObject({ level: 'info', text: expect.stringContaining('gives tokens again') })
      expectNone(secretsOf(server), log.lines)
    }
  )

  test('nobody who has one waits long for the next', async () => {
    const { server, clock, tokens } = await setUp({ life: 10 })
    const token = await tokens.get()
    server.gives = 'silence'
    clock.now += 8000
    const start = performance.now()
    expect(await tokens.get()).toBe(token)
    expect(performance.now() - start).toBeLessThan(3000)
  })

  test.each(['errors', 'refusals', 'nonsense'] as const)('%s of the server show no secret', async (gives) => {
    const { server, log, tokens } = await setUp({ gives })
    const error: unknown = await tokens.get().catch((thrown: unknown) => thrown)
    expect(String(error)).toContain(server.url)
    expectNone(secretsOf(server), [error, log.lines])
  })

  test('a server that is not there is named', async () => {
    const { server, tokens } = await setUp()
    await server.close()
    await expect(tokens.get()).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: expect.stringContaining(`no token from ${server.url}: connect ECONNREFUSED`)
    })
  })

  test('one that a broker has refused is not used again', async () => {
    const { server, tokens } = await setUp()
    tokens.forget(await tokens.get())
    expect(await tokens.get()).toBe(server.tokens[1])
  })
})

test.each([
  ['https://auth.example.org/oauth2/token', undefined],
  ['http://localhost:8080/token', undefined],
  ['http://[::1]/token', undefined],
  ['http://auth.example.org/token', /https/],
  ['http://127.0.0.1.example.org/token', /https/],
  ['ftp://auth.example.org/token', /https/],
  ['https://alice:secret@auth.example.org/token', /no user name and no password/],
  ['auth.example.org', /https/]
])('TOKEN_URL %s', (url, problem) => {
  const read = tokenUrl('').read(url)
  if (problem === undefined) expect(read).toEqual({ value: url })
  else expect(read).toEqual({ problem: expect.stringMatching(problem) })
})
