import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { withHopCredential } from '../../src/kafka/hop-auth.ts'
import { HopskotchAlertStream } from '../../src/streams/hopskotch.ts'
import { expectNone } from '../contract/secrets.ts'
import { readOptions } from './options.ts'

const SECRET = 'canary-in-auth-toml'

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'alertstreams-hop-'))
  onTestFinished(() => rmSync(made, { recursive: true }))
  return made
}

function file(text: string, name = 'auth.toml', mode = 0o600, at = folder()): string {
  const path = join(at, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

/** An entry of auth.toml. */
const entry = (fields: Readonly<Record<string, string>>) =>
  `[[auth]]\n${Object.entries({ password: SECRET, ...fields })
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`)
    .join('')}`

type Given = Readonly<Record<string, unknown>>

/** The options as completed; without environment there is no file of hop's own. */
function completed(given: Given, env: NodeJS.ProcessEnv = { HOME: '/nowhere' }) {
  const options = readOptions(HopskotchAlertStream.fields, { URL: 'kafka://kafka.scimma.org/', ...given })
  return withHopCredential(options, env)
}

function failure(given: Given, env?: NodeJS.ProcessEnv): unknown {
  try {
    completed(given, env)
  } catch (error) {
    expectNone([SECRET], error)
    return error
  }
  throw new Error('it was taken')
}

describe('a credential of hop', () => {
  test('is in auth.toml, where hop looks for it too', () => {
    const at = folder()
    file(entry({ username: 'alice-1' }), 'hop/auth.toml', 0o600, at)
    file(entry({ username: 'bob-2' }), '.config/hop/auth.toml', 0o600, at)
    const found = completed({}, { XDG_CONFIG_HOME: at, HOME: at })
    expect(found.options).toMatchObject({ USERNAME: 'alice-1', PASSWORD: SECRET, TLS: true, MECHANISM: undefined })
    expect(found.secrets).toEqual([SECRET])
    expect(completed({}, { HOME: at }).options.USERNAME).toBe('bob-2')
    expect(completed({}, { XDG_CONFIG_HOME: '', HOME: at }).options.USERNAME).toBe('bob-2')
  })

  test('of older versions is in config.toml, which may have none', () => {
    const at = folder()
    file('[auth]\nusername = "alice-1"\npassword = "canary-in-auth-toml"\n', 'hop/config.toml', 0o600, at)
    expect(completed({}, { XDG_CONFIG_HOME: at }).options.USERNAME).toBe('alice-1')
    file('[config]\nfetch_external = true\n', 'hop/config.toml', 0o600, at)
    expect(completed({}, { XDG_CONFIG_HOME: at }).options.USERNAME).toBeUndefined()
    file(entry({ username: 'bob-2' }), 'hop/auth.toml', 0o600, at)
    expect(completed({}, { XDG_CONFIG_HOME: at }).options.USERNAME).toBe('bob-2')
  })

  test('is looked for where one is wanted: neither for another broker without a user, nor where there is one', () => {
    const at = folder()
    file('not TOML', 'hop/auth.toml', 0o666, at)
    const env = { XDG_CONFIG_HOME: at }
    expect(completed({ URL: 'localhost:9092' }, env).options.USERNAME).toBeUndefined()
    expect(completed({ USERNAME: 'carol', PASSWORD: 'own' }, env).options.PASSWORD).toBe('own')
    expect(failure({ URL: 'carol@localhost:9092' }, env)).toMatchObject({ code: 'CREDENTIALS_REFUSED' })
    expect(failure({ AUTH_FILE: join(at, 'hop/auth.toml'), PASSWORD: 'own' }, env)).toMatchObject({
      code: 'CONFIG_INVALID',
      message: 'AUTH_FILE and PASSWORD are both given'
    })
  })

  test('is completed once', () => {
    const AUTH_FILE = file(entry({ username: 'alice-1' }))
    const { options } = completed({ AUTH_FILE })
    expect(withHopCredential(options, {}).options).toEqual(options)
  })

  test('says how to connect; the options themselves count first', () => {
    const plain = entry({
      username: 'a',
      mechanism: 'SCRAM_SHA_256',
      protocol: 'SASL_PLAINTEXT',
      ssl_ca_location: '/ca'
    })
    const AUTH_FILE = file(plain)
    const { options } = completed({ AUTH_FILE })
    expect(options).toMatchObject({ MECHANISM: 'SCRAM-SHA-256', TLS: false, SSL_CA_LOCATION: undefined })
    expect(completed({ AUTH_FILE, TLS: true, MECHANISM: 'PLAIN', SSL_CA_LOCATION: '/other' }).options).toMatchObject({
      MECHANISM: 'PLAIN',
      TLS: true,
      SSL_CA_LOCATION: '/other'
    })
    const secure = file(entry({ username: 'a', protocol: 'SASL_SSL', ssl_ca_location: '/ca' }))
    expect(completed({ AUTH_FILE: secure }).options).toMatchObject({ TLS: true, SSL_CA_LOCATION: '/ca' })
  })

  test('with a token_endpoint is one for OAUTHBEARER', () => {
    const token_endpoint = 'https://auth.example.org/token'
    const AUTH_FILE = file(entry({ username: 'alice-1', token_endpoint }))
    const { options } = completed({ AUTH_FILE, URL: 'alice-1@kafka.scimma.org' })
    expect(options).toMatchObject({
      MECHANISM: 'OAUTHBEARER',
      CLIENT_ID: 'alice-1',
      CLIENT_SECRET: SECRET,
      TOKEN_URL: token_endpoint,
      USERNAME: undefined,
      PASSWORD: undefined
    })
    expect(HopskotchAlertStream.reads(options)).toBe('kafka.scimma.org:9092')
    const scram = file(entry({ username: 'alice-1', token_endpoint, mechanism: 'SCRAM-SHA-512' }))
    expect(completed({ AUTH_FILE: scram }).options).toMatchObject({ USERNAME: 'alice-1', CLIENT_ID: undefined })
    const http = file(entry({ username: 'alice-1', token_endpoint: 'http://auth.example.org/token' }))
    expect(failure({ AUTH_FILE: http })).toMatchObject({
      message: expect.stringMatching(/token_endpoint: expected https/)
    })
  })

  test.each([
    [
      'rows',
      `username,password,hostname,mechanism,protocol,ssl_ca_location\na-1,${SECRET},kafka.scimma.org,PLAIN,SASL_SSL,\nb,x,,,,\n`
    ],
    [
      'CRLF, a mark of the byte order, and another order',
      `\uFEFFpassword,username,mechanism\r\n${SECRET},a-1,PLAIN\r\n`
    ],
    ['quotes', `"username","password","mechanism"\n"a-1","${SECRET}","PLAIN"\n`]
  ])('may be a CSV file: %s', (_, text) => {
    const { options, secrets } = completed({ AUTH_FILE: file(text, 'credential.CSV') })
    expect(options).toMatchObject({ USERNAME: 'a-1', PASSWORD: SECRET, MECHANISM: 'PLAIN', SSL_CA_LOCATION: undefined })
    expect(secrets).toEqual([SECRET])
  })

  test('in a CSV file may hold commas and quotes', () => {
    const AUTH_FILE = file('username,password\na-1,"one, ""two"""\n', 'a.csv')
    expect(completed({ AUTH_FILE }).options.PASSWORD).toBe('one, "two"')
  })
})

describe('which credential', () => {
  const here = { username: 'here', hostname: 'kafka.scimma.org' }
  const port = { username: 'port', hostname: 'kafka.scimma.org:9093' }
  const any = { username: 'any' }
  const cases: [string, Readonly<Record<string, string>>[], Given, string | RegExp][] = [
    ['the only one', [any], {}, 'any'],
    ['that of the host before those of any', [any, here], {}, 'here'],
    ['that of the port', [here, port], { URL: 'kafka.scimma.org:9093' }, 'port'],
    ['9092 is the usual port', [port, { username: 'usual', hostname: 'KAFKA.scimma.org:9092' }], {}, 'usual'],
    ['that of the user, of any host', [here, any], { USERNAME: 'any' }, 'any'],
    ['that of the user in the URL', [here, any], { URL: 'kafka://any@kafka.scimma.org/' }, 'any'],
    ['none of this host', [port], {}, /has no credential for kafka\.scimma\.org:9092$/],
    ['none of this user', [here], { USERNAME: 'other' }, /has no credential for .* and the user other$/],
    ['two of this host', [here, { ...here, username: 'two' }], {}, /has several credentials for .*: here, two$/],
    ['two of any', [any, { username: 'two' }], {}, /has several credentials for .*: any, two$/]
  ]
  test.each(cases)('%s', (_, entries, given, expected) => {
    const AUTH_FILE = file(entries.map(entry).join('\n'))
    if (typeof expected === 'string') expect(completed({ AUTH_FILE, ...given }).options.USERNAME).toBe(expected)
    else
      expect(failure({ AUTH_FILE, ...given })).toMatchObject({
        code: 'CREDENTIALS_REFUSED',
        message: expect.stringMatching(expected),
        remedy: expect.stringMatching(/\S/)
      })
  })
})

test.each([
  ['others may read it', file, 0o644, entry({ username: 'a' }), /auth\.toml has unsafe permissions: 100644$/],
  ['the group may write it', file, 0o620, entry({ username: 'a' }), /unsafe permissions: 100620$/],
  ['it is not TOML', file, 0o600, `[[auth]]\nusername = "a\npassword = "${SECRET}"\n`, /is not TOML: see line 2$/],
  ['it has no section', file, 0o600, 'x = 1\n', /has no section \[\[auth\]\]$/],
  ['an entry has no user', file, 0o600, entry({}), /has an entry without username$/],
  ['an entry has no password', file, 0o600, '[[auth]]\nusername = "a"\n', /has an entry without password$/],
  ['a value is no text', file, 0o600, `${entry({ username: 'a' })}hostname = 7\n`, /has a hostname that is no text$/],
  ['a mechanism is unknown', file, 0o600, entry({ username: 'a', mechanism: 'GSSAPI' }), /mechanism: expected one of/]
])('%s: it is not used, and nothing in it is shown', (_, make, mode, text, message) => {
  expect(failure({ AUTH_FILE: make(text, 'auth.toml', mode) })).toMatchObject({
    code: 'CREDENTIALS_REFUSED',
    message: expect.stringMatching(message)
  })
})

test('a file that is named has to be there', () => {
  expect(failure({ AUTH_FILE: '/nowhere/auth.toml' })).toMatchObject({
    message: 'AUTH_FILE /nowhere/auth.toml is not there'
  })
})

test('who has no credential for Hopskotch is told where it could be', () => {
  const { options } = completed({})
  expect(() => HopskotchAlertStream.reads(options)).toThrow(/no USERNAME, and no credential in hop's auth\.toml/)
})
