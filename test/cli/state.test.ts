import { expect, test } from 'vitest'
import { until, Workplace } from '../end-to-end/program.ts'
import { freePorts, isFree } from '../services/process.ts'

test('each process says at its port whether alerts come through, and if not, why', { timeout: 60_000 }, async () => {
  const [nobody] = await freePorts(1)
  const port = await twoFreePorts()
  const secret = 'tycho-brahe-1572'
  const target = { URL: `127.0.0.1:${nobody}`, USERNAME: 'alice', PASSWORD: secret, TLS: false }
  const options = { ...target, GROUP_ID: 'g' }
  await using place = new Workplace({
    ALERT_STREAMS: [
      { NAME: 'HopskotchAlertStream', ID: 'night', OPTIONS: { ...options, TOPIC_HANDLERS: { a: { SINKS: 'out' } } } }
    ],
    SINKS: { out: { NAME: 'KafkaSink', OPTIONS: { ...target, TOPIC: 'b' } } },
    RUNNER: { HTTP: { PORT: port }, DRAIN_SECONDS: 1 }
  })
  const program = place.start({ args: ['run', '--processes', '2'] })
  for (const member of [0, 1]) {
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port + member}${path}`)
      return { status: response.status, body: JSON.stringify(await response.json()) }
    }
    const shown = async () => {
      const { status, body } = await get('/readyz').catch(() => ({ status: 0, body: '' }))
      return status === 503 && body.includes('stream night is waiting') && body.includes('sink out is unavailable')
    }
    await until(shown, 'the reasons', 30, () => program.output)
    const { body } = await get('/readyz')
    expect(body).toMatch(new RegExp(`stream night is waiting: [^"]*127.0.0.1:${nobody}`))
    expect((await get('/healthz')).status).toBe(200)
    const account = await get('/account')
    expect(JSON.parse(account.body)).toMatchObject({
      balanced: true,
      streams: { night: { state: expect.any(String) } }
    })
    const metrics = await (await fetch(`http://127.0.0.1:${port + member}/metrics`)).text()
    expect(metrics).toContain('alertstreams_stream_state{stream="night",state="waiting"} 1')
    expect(metrics).toContain('alertstreams_sink_up{sink="out"} 0')
    expect(metrics).toMatch(/^alertstreams_ready 0$/m)
    expect(body + account.body + metrics).not.toContain(secret)
  }
  program.signal('SIGTERM')
  expect(await program.end(), program.output).toBe(0)
})

/** The first of two in a row. */
async function twoFreePorts(): Promise<number> {
  for (;;) {
    const [port] = await freePorts(1)
    if (port !== undefined && (await isFree(port + 1))) return port
  }
}
