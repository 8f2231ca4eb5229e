import type { PubSub, Subscription } from '@google-cloud/pubsub'
import { integer, type OptionsOf } from '../contract/options.ts'
import { grpcCalls, once, openPubsub } from '../google/client.ts'
import { pubsubFields } from '../google/fields.ts'
import { credentialsOf } from '../google/service.ts'
import { openSubscriptions } from '../google/subscriptions.ts'
import { PubsubStream } from './pubsub.ts'

/** Seconds. Google's client has been seen to stop without a word, and Pub/Sub does not say how much it holds. */
const IDLE = 15 * 60
/** Hours that a lease is extended: as long as Pub/Sub keeps a message. The client's own limit is one hour. */
const LEASE = 7 * 24
/** Seconds. The client's own limits are minutes, and it would sleep through the source's return. */
const RECONNECT = 5

const fields = {
  ...pubsubFields,
  MAX_STREAMS: integer('Connections that pull from one subscription.', { fallback: 2 })
}

/** Pulled by Google's client, which extends the leases of what is in flight. */
export class PittGoogleAlertStream extends PubsubStream<OptionsOf<typeof fields>> {
  static readonly doc = 'Alerts from the Pitt-Google broker, or from any Google Pub/Sub topic, by streaming pull.'
  static readonly fields = fields
  static readonly tomNames = ['tom_pittgoogle.broker_stream_python.BrokerStreamPython']

  readonly patience = IDLE
  #pubsub: PubSub | undefined

  protected async open(signal: AbortSignal) {
    const { options, setup, project, sources, limits } = this
    const login = { project, place: setup.id, ...credentialsOf(options, setup.baseDir) }
    const { library, pubsub } = await openPubsub(login, signal)
    this.#pubsub = pubsub
    await openSubscriptions(sources, options, grpcCalls(pubsub, signal), setup, project)
    const { Duration, SubscriptionCloseBehaviors } = library
    const lease = Duration.from({ hours: LEASE })
    const settings = () => ({
      flowControl: {
        maxMessages: limits.messages,
        maxBytes: limits.bytes,
        // What goes beyond waits in our queue. The client's own forgets: when an ack takes it from full to free it
        // hands out none of those that wait there, and without another ack it never does.
        allowExcessMessages: true
      },
      streamingOptions: {
        maxStreams: Math.max(1, options.MAX_STREAMS),
        retryMaxBackoff: Duration.from({ seconds: RECONNECT })
      },
      maxExtensionTime: lease,
      closeOptions: { behavior: SubscriptionCloseBehaviors.WaitForProcessing, timeout: lease }
    })
    const opened = sources.map(({ subscriptionPath }) => pubsub.subscription(subscriptionPath, settings()))
    return {
      subscriptions: new Map(sources.map(({ topic }, i) => [topic, opened[i]!])),
      ask: (signal: AbortSignal) => opened[0]!.getMetadata(once(signal)),
      giveBack: () => opened.forEach(giveBack)
    }
  }

  protected override async letGo(): Promise<void> {
    await this.#pubsub?.close()
  }
}

/**
 * The client's `close` has no other end: an exactly-once message that was on its way when reading stopped is leased and
 * never shown to anyone, and its lease would be extended for as long as the process lives. This is what the client
 * itself does when its own time is over, seven days from now.
 */
function giveBack(subscription: Subscription): void {
  // biome-ignore lint/complexity/useLiteralKeys: TypeScript grants no other access to what is declared private
  for (const message of subscription['_subscriber']['_inventory'].clear()) message.nack()
}
