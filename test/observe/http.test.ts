import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { type Shown, serveState } from '../../src/observe/http.ts'
import { hider } from '../../src/observe/log.ts'
import type { Readiness } from '../../src/observe/ready.ts'
import { Account } from '../../src/pipeline/account.ts'
import { RecordingLog } from '../contract/log.ts'
import { until } from '../end-to-end/program.ts'
import { freePorts } from '../services/process.ts'

const host = '127.0.0.1'

async function served() {
  const [port] = await freePorts(1)
  const url = `http://${host}:${port}`
  const log = new RecordingLog()
  const shown: { account: Account; readiness: Readiness; metrics: Shown['metrics'] } = {
    account: new Account(),
    metrics: { contentType: 'text/plain; version=0.0.4', text: async () => 'sink{name="tycho-brahe"} 1\n' },
    readiness: { ready: true, reasons: [] }
  }
  const listen = () => serveState({ host, port: port! }, shown, log, hider(['tycho-brahe']))
  const get = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${url}${path}`, init)
    return { status: response.status, body: await response.json() }
  }
  return { port: port!, shown, log, listen, get }
}

test('health, readiness with reasons, and the account are served', async () => {
  const { port, shown, listen, get, log } = await served()
  const pages = listen()
  await until(() => log.texts('info').length > 0, 'the server to listen')
  expect(await get('/healthz')).toEqual({ status: 200, body: { alive: true } })
  expect(await get('/readyz')).toEqual({ status: 200, body: { ready: true, reasons: [] } })
  shown.readiness = { ready: false, reasons: ['sink out is unavailable: tycho-brahe was refused'] }
  expect(await get('/readyz')).toEqual({
    status: 503,
    body: { ready: false, reasons: ['sink out is unavailable: *** was refused'] }
  })
  shown.account.sink('out').taken = 7
  expect(await get('/account?now')).toMatchObject({ status: 200, body: { sinks: { out: { taken: 7 } } } })
  const scraped = await fetch(`http://${host}:${port}/metrics`)
  expect([scraped.status, scraped.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4'])
  expect(await scraped.text()).toBe('sink{name="***"} 1\n')
  shown.metrics = { contentType: '', text: () => Promise.reject(new Error('out of order')) }
  expect((await get('/metrics')).status).toBe(500)
  expect(log.texts('error').join()).toContain('out of order')
  expect((await get('/')).status).toBe(404)
  expect((await get('/readyz', { method: 'POST' })).status).toBe(405)
  await pages.close()
  await expect(get('/healthz')).rejects.toThrow()
})

test('a port that is taken is tried again', { timeout: 20_000 }, async () => {
  const { port, listen, get, log } = await served()
  const other = createServer().listen(port, host)
  const pages = listen()
  await until(() => log.texts('error').length > 0, 'the taken port to be said')
  expect(log.texts('error')[0]).toMatch(/cannot be served at 127\.0\.0\.1:\d+: .*EADDRINUSE.*trying again/)
  other.close()
  await until(() => log.texts('info').length > 0, 'the server to listen')
  expect((await get('/healthz')).status).toBe(200)
  await pages.close()
})
