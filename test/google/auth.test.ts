import { generateKeyPairSync, verify } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { authorize } from '../../src/google/auth.ts'
import { textOf } from '../contract/log.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const SECRET = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const SCOPES = ['https://www.googleapis.com/auth/pubsub']

const folder = mkdtempSync(join(tmpdir(), 'alertstreams-auth-'))
let tokenServer: Server
let tokenUrl: string
/** What the token server answers, and what it was asked. */
let answer: { status: number; body: unknown }
let asked: URLSearchParams[] = []

beforeAll(async () => {
  tokenServer = createServer(async (request, response) => {
    asked.push(new URLSearchParams(await text(request)))
    response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer.body))
  })
  await new Promise<void>((resolve) => tokenServer.listen(0, '127.0.0.1', resolve))
  const address = tokenServer.address()
  tokenUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/token`
})
afterAll(() => {
  tokenServer.close()
  rmSync(folder, { recursive: true })
})

/** Google's token server is ours, and there is no other network. */
const local: typeof fetch = (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input)
  if (url.host !== 'oauth2.googleapis.com') throw new Error(`not in a test: ${url.host}`)
  return fetch(tokenUrl, init)
}

function keyFile(content: unknown): string {
  const file = join(folder, 'key.json')
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

const key = (over: object = {}) =>
  keyFile({ type: 'service_account', client_email: 'me@x', private_key: SECRET, ...over })

async function refusal(file: string | undefined, fetch = local): Promise<unknown> {
  const error = await authorize({ keyFile: file, scopes: SCOPES, fetch }, 'pitt-google').then(
    () => undefined,
    (thrown: unknown) => thrown
  )
  expect(textOf(error)).not.toContain(SECRET.split('\n')[1])
  expect(textOf(error)).not.toContain('assertion')
  return error
}

test('a service account key gets a token that says who asks for what', async () => {
  asked = []
  answer = { status: 200, body: { access_token: 'T', expires_in: 3599, token_type: 'Bearer' } }
  const client = await authorize({ keyFile: key(), scopes: SCOPES, fetch: local }, 'pitt-google')
  expect((await client.getAccessToken()).token).toBe('T')
  expect(asked).toHaveLength(1)
  const [header = '', claims = '', signature = ''] = asked[0]?.get('assertion')?.split('.') ?? []
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ iss: 'me@x', scope: SCOPES[0] })
  expect(verify('sha256', Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(signature, 'base64url'))).toBe(
    true
  )
})

test.each([
  [400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' }, 'CREDENTIALS_REFUSED'],
  [401, { error: 'invalid_client' }, 'CREDENTIALS_REFUSED'],
  [503, { error: 'backend' }, 'CONNECT_FAILED']
])('a token server that answers %i %j is %s', { timeout: 20_000 }, async (status, body, code) => {
  answer = { status, body }
  expect(await refusal(key())).toMatchObject({ code, message: expect.stringContaining('pitt-google') })
})

test('a token server that cannot be reached is CONNECT_FAILED', { timeout: 20_000 }, async () => {
  const offline = () => fetch('http://127.0.0.1:9/')
  expect(await refusal(key(), offline)).toMatchObject({ code: 'CONNECT_FAILED' })
})

test.each([
  ['is absent', () => join(folder, 'nowhere.json'), 'cannot be read'],
  ['is not JSON', () => keyFile(`{"private_key": ${SECRET}`), 'is not JSON'],
  ['is another kind of JSON', () => keyFile({ installed: {} }), 'not a service account key'],
  ['holds a broken key', () => key({ private_key: 'garbage' }), 'refused']
])('a key file that %s is CREDENTIALS_REFUSED', async (_, file, said) => {
  const error = await refusal(file())
  expect(error).toMatchObject({
    code: 'CREDENTIALS_REFUSED',
    message: expect.stringContaining(said),
    remedy: expect.stringMatching(/key/i)
  })
})

test('no default credentials are CREDENTIALS_REFUSED', async () => {
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '')
  vi.stubEnv('HOME', folder)
  vi.stubEnv('CLOUDSDK_CONFIG', folder)
  vi.stubEnv('XDG_CONFIG_HOME', folder)
  const error = await refusal(undefined)
  vi.unstubAllEnvs()
  expect(error).toMatchObject({ code: 'CREDENTIALS_REFUSED', remedy: expect.stringContaining('KEY_FILE') })
})

const LOGIN = { client_id: 'me', client_secret: 'canary-client', refresh_token: 'canary-refresh' }

function tokenFile(content: unknown): string {
  const file = join(folder, 'alertstreams/pitt-google.json')
  mkdirSync(join(folder, 'alertstreams'), { recursive: true })
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

test('who one is: a key, a login that is named, the variable of Google, a login that is kept', async () => {
  const login = { ...LOGIN, token_uri: 'https://oauth2.googleapis.com/token' }
  const named = tokenFile(login)
  answer = { status: 200, body: { access_token: 'T', expires_in: 3599, token_type: 'Bearer' } }
  const grantOf = async (credentials: { keyFile?: string; tokenFile?: string }) => {
    asked = []
    await authorize({ keyFile: undefined, scopes: SCOPES, fetch: local, ...credentials }, 'pitt-google')
    return asked[0]?.get('grant_type')?.split(':').at(-1)
  }
  expect(await grantOf({ keyFile: key(), tokenFile: named })).toBe('jwt-bearer')
  expect(await grantOf({ tokenFile: named })).toBe('refresh_token')
  vi.stubEnv('XDG_CONFIG_HOME', folder)
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', key({ type: 'service_account' }))
  expect(await grantOf({})).toBe('jwt-bearer')
  expect(await grantOf({ tokenFile: named })).toBe('refresh_token')
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '')
  expect(await grantOf({})).toBe('refresh_token')
  vi.unstubAllEnvs()
})

test.each([
  ['is absent', () => join(folder, 'nowhere.json'), 'cannot be read'],
  ['is cut off', () => tokenFile(JSON.stringify(LOGIN).slice(0, 60)), 'holds no login'],
  ['has no refresh token', () => tokenFile({ ...LOGIN, refresh_token: '', token_uri: 'https://x' }), 'holds no login'],
  ['would send secrets in the clear', () => tokenFile({ ...LOGIN, token_uri: 'http://example.org/' }), 'not https']
])('a token file that %s is CREDENTIALS_REFUSED', async (_, file, said) => {
  const credentials = { keyFile: undefined, tokenFile: file(), scopes: SCOPES, fetch: local }
  const error = await authorize(credentials, 'pitt-google').then(
    () => undefined,
    (thrown: unknown) => thrown
  )
  expect(error).toMatchObject({
    code: 'CREDENTIALS_REFUSED',
    message: expect.stringContaining(said),
    remedy: expect.stringContaining('alertstreams login pitt-google')
  })
  expect(textOf(error)).not.toContain('canary')
})
