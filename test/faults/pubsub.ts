import { crc32 } from 'node:zlib'
import { type RunningPubsub, startPubsub } from '../services/pubsub.ts'
import type { Packaged } from './alerts.ts'

/** The Pub/Sub server and what was published there. */
export interface Feeder {
  readonly server: RunningPubsub
  readonly project: string
  /** The numbers, in the order they were published, with the CRC-32 of the bytes. */
  readonly published: (readonly [number: number, crc: number])[]
  publish(alerts: readonly Packaged[]): Promise<void>
}

const PROJECT = 'faults'
const TOPIC = 'pubsub'

/** Starts a server with one topic, and its subscription, so that nothing is published before there is one. */
export async function startFeeder(): Promise<Feeder> {
  const server = await startPubsub()
  const call = async (method: string, path: string, body: unknown = {}) => {
    const response = await fetch(`http://${server.host}/v1/projects/${PROJECT}/${path}`, {
      method,
      body: JSON.stringify(body)
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  }
  await call('PUT', `topics/${TOPIC}`)
  await call('PUT', `subscriptions/${TOPIC}`, { topic: `projects/${PROJECT}/topics/${TOPIC}`, ackDeadlineSeconds: 10 })
  const published: Feeder['published'] = []
  return {
    server,
    project: PROJECT,
    published,
    async publish(alerts) {
      if (alerts.length === 0) return
      const messages = alerts.map(({ value, headers }) => ({
        data: value.toString('base64'),
        attributes: { ...headers }
      }))
      for (;;) {
        try {
          await call('POST', `topics/${TOPIC}:publish`, { messages })
          break
        } catch {
          // The server is made to refuse connections now and then; a refused call has published nothing.
          await new Promise((resolve) => setTimeout(resolve, 200))
        }
      }
      for (const { headers, value } of alerts) published.push([Number(headers.n), crc32(value)])
    }
  }
}
