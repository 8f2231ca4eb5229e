import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { newName } from '../end-to-end/kafka.ts'
import { Workplace } from '../end-to-end/program.ts'
import { startTokenServer } from '../services/token-server.ts'
import { describeKafkaSasl, kafka, newTopic, produce, readTopic } from '../setup/services.ts'

/** A password that works is a secret too. */
const PASSWORD = 'alice-secret'
const CANARY = 'canary/in a+file'

const table = (fields: Readonly<Record<string, string | undefined>>) =>
  `[[auth]]\n${Object.entries(fields)
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`)
    .join('')}`

/** The program finds credentials as hop does, in the home that it is given. */
describeKafkaSasl('credentials in files', () => {
  test('of hop open Hopskotch and a broker with tokens, and none is in the log at level debug', {
    timeout: 60_000
  }, async () => {
    const { saslSsl, caFile, oauthKeyFile } = kafka()!
    const server = await startTokenServer(oauthKeyFile!, { life: 5 })
    onTestFinished(() => server.close())
    const { url, clientId, clientSecret } = server
    const [topic, out] = [await newTopic('auth'), await newTopic('auth-out')]
    const stream = (ID: string, OPTIONS: object, NAME = 'HopskotchAlertStream') => ({
      NAME,
      ID,
      OPTIONS: {
        URL: saslSsl,
        SSL_CA_LOCATION: caFile,
        GROUP_ID: newName('alice-group'),
        START_POSITION: 'EARLIEST',
        ...OPTIONS,
        TOPIC_HANDLERS: { [topic]: { SINKS: ['out'] } }
      }
    })
    await using place = new Workplace(
      {
        ALERT_STREAMS: [
          stream('home', { URL: `kafka://alice@${saslSsl}/`, SSL_CA_LOCATION: undefined }),
          stream('tokens', { AUTH_FILE: 'tokens.toml' }),
          stream('gcn', { CLIENT_ID: clientId, CLIENT_SECRET_FILE: 'secret', TOKEN_URL: url }, 'GcnAlertStream'),
          stream('csv', { AUTH_FILE: 'wrong.csv' }),
          stream('refused', { CLIENT_ID: clientId, CLIENT_SECRET: CANARY, TOKEN_URL: url }, 'GcnAlertStream')
        ],
        SINKS: { out: { NAME: 'KafkaSink', OPTIONS: { URL: kafka()!.plaintext, TOPIC: out } } },
        RUNNER: { LOG_LEVEL: 'debug', DRAIN_SECONDS: 1 }
      },
      {
        'tokens.toml': table({ username: clientId, password: clientSecret, token_endpoint: url }),
        'wrong.csv': `username,password\nalice,${CANARY}\n`,
        secret: `${clientSecret}\n`
      }
    )
    const inHome = { username: 'alice', password: PASSWORD, hostname: saslSsl, ssl_ca_location: caFile }
    mkdirSync(join(place.folder, '.config/hop'), { recursive: true })
    const kept = [inHome, { username: 'bob', password: CANARY }].map(table)
    writeFileSync(join(place.folder, '.config/hop/auth.toml'), kept.join('\n'))
    for (const name of ['tokens.toml', 'wrong.csv', '.config/hop/auth.toml']) chmodSync(join(place.folder, name), 0o600)
    await produce(topic, [{ value: '{"n":1}' }])
    const program = place.start({ env: { HOME: place.folder } })
    await program.line(/^stream failed.*authentication failed/i, { stream: 'csv' })
    await program.line(/^stream failed.*gives no token: invalid_client/, { stream: 'refused' })
    expect(await readTopic(out, { count: 3 })).toHaveLength(3)
    // A renewal or two.
    await new Promise((resolve) => setTimeout(resolve, 6000))
    expect(program.lines.filter(({ msg }) => /^stream failed/.test(msg))).toHaveLength(2)
    program.signal('SIGTERM')
    expect(await program.end(), program.output).toBe(1)
    for (const id of ['home', 'tokens', 'gcn']) expect(place.account().streams[id]!.state).toBe('stopped')
    expect(server.tokens.length).toBeGreaterThan(2)
    const basic = [clientSecret, CANARY].map((secret) => Buffer.from(`${clientId}:${secret}`).toString('base64'))
    for (const secret of [PASSWORD, CANARY, clientSecret, ...basic, ...server.tokens]) {
      for (const form of [secret, encodeURIComponent(secret)]) expect(place.everything()).not.toContain(form)
    }
  })
})

test('a file that others may read is refused before anything starts, and nothing in it is shown', async () => {
  const OPTIONS = { AUTH_FILE: 'auth.toml', TOPIC_HANDLERS: { topic: 'log' } }
  await using place = new Workplace(
    { ALERT_STREAMS: [{ NAME: 'HopskotchAlertStream', OPTIONS }] },
    { 'auth.toml': table({ username: 'alice', password: CANARY }) }
  )
  chmodSync(join(place.folder, 'auth.toml'), 0o644)
  const program = place.start({ args: ['check', 'alertstreams.yaml'] })
  expect(await program.end()).toBe(2)
  expect(program.output).toMatch(/auth\.toml has unsafe permissions: 100644[\s\S]*chmod 600/)
  expect(program.output).not.toContain('canary')
})
