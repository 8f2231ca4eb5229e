import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serialize } from 'bson'
import { expect, test } from 'vitest'
import { freePorts } from '../services/process.ts'
import { zigZag } from '../codecs/container.ts'
import { lsstAlert } from '../codecs/lsst-sample.ts'
import { createTopic, describeKafka, newTopic, produce, readTopic } from '../setup/services.ts'
import { holds, newName, plaintext } from './kafka.ts'
import { until, Workplace } from './program.ts'

const schema = { type: 'record', name: 'alert', fields: [{ name: 'id', type: 'long' }] }
/** As Confluent frames it. */
const framed = (schemaId: number, id: bigint) => {
  const frame = Buffer.alloc(5)
  frame.writeUInt32BE(schemaId, 1)
  return Buffer.concat([frame, zigZag(id)])
}
const LSST = 1100

/** Something by HTTP that can go away and come back on the same port. */
class HttpHost {
  readonly #answer: (path: string) => string | Buffer | undefined
  #server: Server | undefined
  #port = 0

  constructor(answer: (path: string) => string | Buffer | undefined) {
    this.#answer = answer
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`
  }

  async open(): Promise<void> {
    const server = createServer(({ url }, response) => {
      const body = this.#answer(url!)
      response.writeHead(body === undefined ? 404 : 200).end(body ?? '{}')
    })
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections()
    await new Promise((resolve) => this.#server?.close(resolve))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

const reasons = async (port: number) => {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
  return { status: answer?.status, text: (await answer?.text()) ?? '' }
}
const valuesOf = async (topic: string) => (await readTopic(topic)).map(({ value }) => `${value}`)

describeKafka('in mid-run', () => {
  test('a schema registry goes away: known and bundled schemas go on, also in the next life', {
    timeout: 120_000
  }, async () => {
    await using registry = new HttpHost((path) =>
      /^\/schemas\/ids\/[12]$/.test(path) ? JSON.stringify({ schema: JSON.stringify(schema) }) : undefined
    )
    await registry.open()
    const topic = await newTopic('framed', 3)
    const output = await createOutput()
    const [port] = (await freePorts(1)) as [number]
    const CODEC = { NAME: 'confluent', REGISTRY: `http://${registry.address}`, LSST_SCHEMAS: true }
    await using place = workplace(topic, output, port, { CODEC })
    const send = (value: Uint8Array, partition: number) => produce(topic, [{ value: Buffer.from(value), partition }])
    const first = place.start()
    await send(framed(1, 2n ** 60n), 0)
    await until(holds(output, 1), 'the first alert')

    await registry.close()
    await send(framed(2, 5n), 1)
    await send(framed(1, 6n), 1)
    await first.line(/registry/, { level: 50, code: 'FETCH_FAILED' })
    await send(framed(1, 7n), 0)
    await send(lsstAlert(LSST).bytes, 2)
    await until(holds(output, 3), 'what is known to go on')
    expect(await reasons(port)).toEqual({ status: 503, text: expect.stringContaining(registry.address) })
    await first.kill()

    const second = place.start()
    await second.line(/registry/, { level: 50, code: 'FETCH_FAILED' })
    await send(framed(1, 8n), 0)
    await until(async () => (await valuesOf(output)).includes('{"id":8}'), 'the schema kept on disk')
    expect((await valuesOf(output)).filter((value) => value === '{"id":5}')).toEqual([])

    await registry.open()
    await until(async () => (await valuesOf(output)).includes('{"id":6}'), 'everything')
    await until(async () => (await reasons(port)).status === 200, 'readiness')
    second.signal('SIGTERM')
    expect(await second.end()).toBe(0)
    const values = await valuesOf(output)
    for (const text of ['{"id":1152921504606846976}', '{"id":5}', '{"id":6}', '{"id":7}', '{"id":8}'])
      expect(values).toContain(text)
    expect(values.filter((value) => value.includes('diaSourceId')).length).toBeGreaterThan(0)
    expect(values.indexOf('{"id":5}')).toBeLessThan(values.indexOf('{"id":6}'))
    const account = place.account()
    expect(account.balanced).toBe(true)
    expect(Object.values(account.streams.kafka!.topics)[0]).toMatchObject({ deadLettered: 0, skipped: 0 })
  })

  test('the host of large messages goes away: the others go on, and nothing is lost', {
    timeout: 120_000
  }, async () => {
    const document = serialize({
      message: Buffer.from('{"id":9007199254740993}'),
      metadata: { headers: [], timestamp: 1 }
    })
    await using host = new HttpHost((path) => (path.startsWith('/msg/') ? Buffer.from(document) : undefined))
    await host.open()
    const topic = await newTopic('large', 2)
    const output = await createOutput()
    const [port] = (await freePorts(1)) as [number]
    await using place = workplace(topic, output, port, { CODEC: { NAME: 'hop', EXTERNAL_HOSTS: host.address } })
    const placeholder = {
      value: `{"url": "http://${host.address}/msg/1"}`,
      headers: [['_format', Buffer.from('external')]] as const
    }
    const program = place.start()
    await produce(topic, [{ ...placeholder, partition: 0 }])
    await until(holds(output, 1), 'the first large message')

    await host.close()
    await produce(topic, [{ ...placeholder, partition: 0 }])
    await program.line(/nothing is lost/, { level: 50, code: 'FETCH_FAILED' })
    await produce(topic, [{ value: '{"id":1}', partition: 1 }])
    await until(holds(output, 2), 'an ordinary message')
    expect(await reasons(port)).toEqual({ status: 503, text: expect.stringContaining(host.address) })

    await host.open()
    await until(holds(output, 3), 'the second large message')
    program.signal('SIGTERM')
    expect(await program.end()).toBe(0)
    const large = '{"id":9007199254740993}'
    expect((await valuesOf(output)).sort()).toEqual(['{"id":1}', large, large])
  })
})

async function createOutput(): Promise<string> {
  const output = newName('out')
  await createTopic(output)
  return output
}

/** A handler that hands on what was decoded, as JSON. */
function workplace(topic: string, output: string, port: number, route: object): Workplace {
  const handler = 'export default (alert) => ({ value: alert.payload() })\n'
  const options = {
    ...plaintext(),
    GROUP_ID: newName('group'),
    SESSION_TIMEOUT: 6,
    TOPIC_HANDLERS: { [topic]: { HANDLER: './pass.js', SINKS: 'out', ...route } }
  }
  const config = {
    ALERT_STREAMS: [{ NAME: 'KafkaAlertStream', ID: 'kafka', OPTIONS: options }],
    SINKS: { out: { NAME: 'KafkaSink', OPTIONS: { ...plaintext(), TOPIC: output } } },
    RUNNER: { HTTP: { PORT: port } }
  }
  return new Workplace(config, { 'pass.js': handler })
}
