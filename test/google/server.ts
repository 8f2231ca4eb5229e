import { randomBytes } from 'node:crypto'
import type { Published } from '../contract/index.ts'

/** A Pub/Sub server, spoken to by REST: what the streams under test do not use. */
export class PubsubServer {
  readonly host: string

  constructor(host: string) {
    this.host = host
  }

  /** An unused project with one topic of that name in it. */
  async newTopic(topic: string): Promise<string> {
    const project = `p-${randomBytes(6).toString('hex')}`
    await this.call('PUT', `projects/${project}/topics/${topic}`)
    return project
  }

  async newSubscription(project: string, topic: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const body = { topic: `projects/${project}/topics/${topic}`, ...more }
    await this.call('PUT', `projects/${project}/subscriptions/${topic}`, body)
  }

  /** Resolves with the ids, in the order of the messages. */
  async publish(project: string, topic: string, messages: readonly Published[]): Promise<readonly string[]> {
    const body = {
      messages: messages.map(({ key, headers, bytes }) => ({
        data: Buffer.from(bytes ?? []).toString('base64'),
        attributes: Object.fromEntries(headers.map(([name, value]) => [name, Buffer.from(value ?? []).toString()])),
        orderingKey: Buffer.from(key ?? []).toString()
      }))
    }
    const answer = await this.call('POST', `projects/${project}/topics/${topic}:publish`, body)
    return (answer as { messageIds: string[] }).messageIds
  }

  /** What the subscription still holds of these, leased or not: the server's handles are `id:delivery`. */
  async unfinished(project: string, topic: string, ids: readonly string[]): Promise<readonly string[]> {
    const path = `projects/${project}/subscriptions/${topic}`
    const ackIds = ids.flatMap((id) => [1, 2, 3].map((delivery) => `${id}:${delivery}`))
    await this.call('POST', `${path}:modifyAckDeadline`, { ackIds, ackDeadlineSeconds: 0 })
    const answer = await this.call('POST', `${path}:pull`, { maxMessages: 1000 })
    const { receivedMessages = [] } = answer as { receivedMessages?: { message: { messageId: string } }[] }
    return receivedMessages.map(({ message }) => message.messageId)
  }

  async call(method: string, path: string, body: unknown = {}): Promise<unknown> {
    const request = method === 'GET' ? { method } : { method, body: JSON.stringify(body) }
    const response = await fetch(`http://${this.host}/v1/${path}`, request)
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return JSON.parse(text)
  }
}
