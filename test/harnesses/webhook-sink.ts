import { WebhookSink } from '../../src/sinks/webhook.ts'
import { type SinkHarness, sinkSetup } from '../contract/sink-bench.ts'
import { WebhookServer } from '../webhook/server.ts'

export const TOKEN = 'canary-of-the-webhook'
const IMPOSSIBLE = 'what no endpoint takes'

export type WebhookOptions = ConstructorParameters<typeof WebhookSink>[0]

export const webhookOptions = {
  METHOD: 'POST',
  HEADERS: { Authorization: `Bearer ${TOKEN}` },
  TIMEOUT: 10,
  TEMPLATE: undefined,
  TEXT: undefined,
  RATE: undefined,
  BURST: 10,
  KEY: undefined,
  ONCE: undefined
} as const satisfies Omit<WebhookOptions, 'URL'>

/** A local HTTP server that goes away, as a process that ends, and comes back. */
export const webhookSink: SinkHarness = {
  promises: { ordered: true, keepsKey: false, keepsHeaders: false, keepsNull: false, breaks: true, rejects: true },
  secrets: [TOKEN],
  async setUp() {
    const server = await new WebhookServer().start()
    const refusal = { status: 422, body: `not processable, said ${TOKEN}` }
    server.answer = ({ body }) => (body.includes(IMPOSSIBLE) ? refusal : undefined)
    const url = `http://127.0.0.1:${server.port}/services/${TOKEN}`
    const topic = 'a.topic'
    return {
      topic,
      open: (over) => new WebhookSink({ ...webhookOptions, URL: url }, sinkSetup(over)),
      written: async () => server.taken.map(({ body }) => ({ key: null, headers: [], bytes: body })),
      breakTarget: () => server.stop(),
      mendTarget: async () => void (await server.start()),
      impossible: () => ({ topic, value: { text: IMPOSSIBLE } }),
      tearDown: () => server.stop()
    }
  },
  unreachable: (over) => new WebhookSink({ ...webhookOptions, URL: `http://127.0.0.1:9/${TOKEN}` }, sinkSetup(over))
}
