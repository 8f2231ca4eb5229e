import { PubsubServer } from './server.ts'

/** A message as Pub/Sub gives it to a subscriber. */
export interface Pulled {
  readonly id: string
  readonly data: Buffer
  readonly attributes: Readonly<Record<string, string>>
  readonly orderingKey: string
}

interface PullAnswer {
  readonly receivedMessages?: readonly {
    readonly ackId: string
    readonly message: {
      readonly messageId: string
      readonly data?: string
      readonly attributes?: Readonly<Record<string, string>>
      readonly orderingKey?: string
    }
  }[]
}

/** A topic in a project of its own, and what comes out of a subscription to it. */
export class Mailbox {
  readonly project: string
  readonly topic: string
  readonly server: PubsubServer
  readonly #pulled: Pulled[] = []

  private constructor(server: PubsubServer, project: string, topic: string) {
    this.server = server
    this.project = project
    this.topic = topic
  }

  /** `ordered`: messages of one ordering key come one behind the other. */
  static async open(host: string, topic: string, ordered = false): Promise<Mailbox> {
    const server = new PubsubServer(host)
    const project = await server.newTopic(topic)
    return Mailbox.on(server, project, topic, ordered)
  }

  /** On a topic that is there. */
  static async on(server: PubsubServer, project: string, topic: string, ordered = false): Promise<Mailbox> {
    await server.newSubscription(project, topic, { enableMessageOrdering: ordered })
    return new Mailbox(server, project, topic)
  }

  /** Everything so far, in the order in which it came. */
  async all(): Promise<readonly Pulled[]> {
    const subscription = `projects/${this.project}/subscriptions/${this.topic}`
    for (;;) {
      const answer = await this.server.call('POST', `${subscription}:pull`, { maxMessages: 1000 })
      const { receivedMessages = [] } = answer as PullAnswer
      if (receivedMessages.length === 0) return this.#pulled
      for (const { message } of receivedMessages) {
        const { messageId: id, data = '', attributes = {}, orderingKey = '' } = message
        this.#pulled.push({ id, data: Buffer.from(data, 'base64'), attributes, orderingKey })
      }
      const ackIds = receivedMessages.map(({ ackId }) => ackId)
      await this.server.call('POST', `${subscription}:acknowledge`, { ackIds })
    }
  }

  /** Everything so far, in the order in which the server took it: it numbers what it takes. */
  async published(): Promise<readonly Pulled[]> {
    const number = ({ id }: Pulled) => Number(id.replace(/^m/, ''))
    return (await this.all()).toSorted((a, b) => number(a) - number(b))
  }
}
