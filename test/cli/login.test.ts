import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import sparticuz from '@sparticuz/chromium'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openTokens } from '../../src/google/tokens.ts'
import { expectNone } from '../contract/secrets.ts'
import { AuthorizationServer, secrets } from '../google/authorization-server.ts'
import { Terminal } from '../google/terminal.ts'
import { describePeers } from '../setup/services.ts'

const URL_ON_SCREEN = /http:\/\/127\.0\.0\.1:\d+\/auth\?\S+/

let server: AuthorizationServer
let folder: string
let tokenFile: string
let terminals: Terminal[]

beforeEach(async () => {
  server = await AuthorizationServer.start()
  folder = mkdtempSync(join(tmpdir(), 'alertstreams-login-'))
  tokenFile = join(folder, 'config/alertstreams/pitt-google.json')
  terminals = []
  writeFileSync(join(folder, 'client.json'), server.clientFile)
})
afterEach(async () => {
  for (const terminal of terminals) terminal.end()
  await server.close()
  rmSync(folder, { recursive: true })
})

function logIn(...more: readonly string[]): Terminal {
  const args = ['login', 'pitt-google', '--client-file', join(folder, 'client.json'), ...more]
  const terminal = new Terminal(args, { XDG_CONFIG_HOME: join(folder, 'config') })
  terminals.push(terminal)
  return terminal
}

/** Tokens as a stream gets them from what the login has left. */
function tokens() {
  return openTokens({ keyFile: undefined, tokenFile, scopes: [] }, 'a stream')
}

async function refusal(): Promise<unknown> {
  return tokens().then(
    () => undefined,
    (thrown: unknown) => thrown
  )
}

// A browser for 64-bit PCs with Linux, and a pseudo terminal.
const hasBrowser = process.platform === 'linux' && process.arch === 'x64'
describePeers('alertstreams login in a browser', () => {
  describe.skipIf(!hasBrowser)(hasBrowser ? 'of Linux' : 'of Linux (this is another system)', () => {
    let browser: Browser

    beforeAll(async () => {
      browser = await chromium.launch({
        args: sparticuz.args.filter((arg) => arg !== '--single-process'),
        executablePath: await sparticuz.executablePath(),
        headless: true
      })
    }, 60_000)
    afterAll(() => browser?.close())

    async function answer(url: string, button: 'Allow' | 'Deny') {
      const page = await browser.newPage()
      await page.goto(url)
      await page.fill('[name=email]', 'me@example.org')
      await page.fill('[name=password]', secrets.password)
      await page.click('text=Next')
      await page.click(`text=${button}`)
      return page
    }

    test('login, consent, redirect, token file; then tokens are renewed, until access is taken back', {
      timeout: 60_000
    }, async () => {
      const terminal = logIn()
      const page = await answer(await terminal.find(URL_ON_SCREEN), 'Allow')
      expect(await page.textContent('body')).toContain('You are logged in')
      expect(page.url()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?/)
      await page.close()
      expect(await terminal.exitCode()).toBe(0)
      expect(terminal.screen).toContain(tokenFile)
      expect(statSync(tokenFile).mode & 0o777).toBe(0o600)
      expect(statSync(join(tokenFile, '..')).mode & 0o077).toBe(0)

      const opened = await tokens()
      const first = await opened.get()
      expect(await opened.get()).toBe(first)
      expect(await opened.renew()).not.toBe(first)
      expect(server.grants).toEqual(['authorization_code', 'refresh_token', 'refresh_token'])

      server.revoke()
      const error = await refusal()
      expect(error).toMatchObject({
        code: 'CREDENTIALS_REFUSED',
        remedy: expect.stringContaining('alertstreams login pitt-google')
      })
      expectNone([...Object.values(secrets), ...server.given], [terminal.screen, error])

      const again = logIn()
      await (await answer(await again.find(URL_ON_SCREEN), 'Allow')).close()
      expect(await again.exitCode()).toBe(0)
      expect(await (await tokens()).get()).toMatch(/^canary-access/)
    })

    test('a user who denies access is told so, and nothing is kept', { timeout: 60_000 }, async () => {
      const terminal = logIn()
      const page = await answer(await terminal.find(URL_ON_SCREEN), 'Deny')
      expect(await page.textContent('body')).toContain('The login failed')
      await page.close()
      expect(await terminal.exitCode()).toBe(1)
      expect(terminal.screen).toContain('access_denied')
      expect(existsSync(tokenFile)).toBe(false)
    })
  })

  /** What a browser on another machine would be sent to, and could not reach. */
  async function redirected(url: string): Promise<string> {
    const asked = new URL(url).search
    const body = new URLSearchParams({ answer: 'allow' })
    const response = await fetch(`${server.url}/consent${asked}`, { method: 'POST', body, redirect: 'manual' })
    return response.headers.get('location') ?? ''
  }

  test('over SSH the address is pasted; one of another login is not taken', { timeout: 60_000 }, async () => {
    const own = join(folder, 'own.json')
    const terminal = logIn('--token-file', own)
    const address = await redirected(await terminal.find(URL_ON_SCREEN))
    terminal.enter(address.replace(/state=[^&]+/, 'state=someone-elses'))
    await terminal.find(/not the answer/)
    expect(server.grants).toEqual([])
    terminal.enter(`  ${address}  `)
    expect(await terminal.exitCode()).toBe(0)
    expect(statSync(own).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(own, 'utf8'))).toMatchObject({ type: 'authorized_user', client_id: server.clientId })
  })

  test('whoever else calls at the port does not disturb the login', { timeout: 60_000 }, async () => {
    const terminal = logIn()
    const url = await terminal.find(URL_ON_SCREEN)
    const redirectUri = new URL(url).searchParams.get('redirect_uri')!
    expect(await (await fetch(`${redirectUri}?code=stolen&state=guessed`)).text()).toContain('not the answer')
    expect(await (await fetch(`${redirectUri}?error=access_denied`)).text()).toContain('not the answer')
    expect((await fetch(`${redirectUri}favicon.ico`)).status).toBe(404)
    expect(await (await fetch(await redirected(url))).text()).toContain('You are logged in')
    expect(await terminal.exitCode()).toBe(0)
  })

  test('a code that was used, and a client that is not known, end it with the word of OAuth alone', {
    timeout: 60_000
  }, async () => {
    writeFileSync(join(folder, 'client.json'), server.clientFile.replace(secrets.client, 'canary-wrong-secret-17'))
    const terminal = logIn()
    await fetch(await redirected(await terminal.find(URL_ON_SCREEN)))
    expect(await terminal.exitCode()).toBe(1)
    expect(terminal.screen).toContain('400 invalid_client')
    expectNone(['canary-wrong-secret-17', ...server.given], terminal.screen)
  })

  test('it gives up after --timeout', { timeout: 60_000 }, async () => {
    const terminal = logIn('--timeout', '1s')
    expect(await terminal.exitCode()).toBe(1)
    expect(terminal.screen).toContain('nobody logged in within 1 s')
  })

  test('a new refresh token is kept when the server gives one', { timeout: 60_000 }, async () => {
    const terminal = logIn()
    await fetch(await redirected(await terminal.find(URL_ON_SCREEN)))
    expect(await terminal.exitCode()).toBe(0)
    server.rotates = true
    const opened = await tokens()
    const last = server.given.findLast((token) => token.startsWith('canary-refresh'))!
    await expect.poll(() => readFileSync(tokenFile, 'utf8')).toContain(last)
    expect(statSync(tokenFile).mode & 0o777).toBe(0o600)
    expect(await opened.renew()).toMatch(/^canary-access/)
  })
})

describe('alertstreams login without a terminal', () => {
  async function run(...args: readonly string[]) {
    const bin = join(import.meta.dirname, '../../bin/alertstreams.js')
    const env = { ...process.env, XDG_CONFIG_HOME: folder, PITTGOOGLE_OAUTH_CLIENT_ID: '', OAUTH_CLIENT_ID: '' }
    // A pipe that stays open: whoever waits for input would wait for ever.
    const child = spawn(process.execPath, [bin, 'login', ...args], { env })
    const [out, error, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      new Promise<unknown[]>((resolve) => child.on('exit', (...all) => resolve(all)))
    ])
    return { out, error, code }
  }

  test('says so at once and asks nothing', async () => {
    const { out, error, code } = await run('pitt-google', '--client-file', join(folder, 'client.json'))
    expect(code).toBe(2)
    expect(error).toContain('it needs a terminal')
    expect(out).toBe('')
    expect(server.grants).toEqual([])
  })

  test('and has help', async () => {
    expect((await run('--help')).out).toContain('--client-file')
    expect((await run('elsewhere')).error).toContain('pitt-google')
  })
})
