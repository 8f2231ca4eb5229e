import type { OptionsOf } from '../contract/options.ts'
import { endpoint } from '../google/endpoint.ts'
import { pubsubFields } from '../google/fields.ts'
import { restCalls } from '../google/rest-calls.ts'
import { RestSubscription } from '../google/rest-subscription.ts'
import { openService } from '../google/service.ts'
import { openSubscriptions } from '../google/subscriptions.ts'
import { CONNECT, PubsubStream } from './pubsub.ts'

const fields = {
  ...pubsubFields,
  ENDPOINT: endpoint('Another address of Pub/Sub: regional, private; default: https://pubsub.googleapis.com.')
}

/** Pulled batch by batch over HTTP: for networks that let nothing else through, and for moderate rates. */
export class PittGoogleRestAlertStream extends PubsubStream<OptionsOf<typeof fields>> {
  static readonly doc = 'The same as PittGoogleAlertStream by HTTP requests alone (unary pulls), without gRPC.'
  static readonly fields = fields
  static readonly tomNames = ['tom_pittgoogle.broker_stream_rest.BrokerStreamRest']

  protected async open(signal: AbortSignal) {
    const { options, setup, project, sources, limits } = this
    const service = await openService('pubsub', options, setup.baseDir, setup.id)
    signal.throwIfAborted()
    await openSubscriptions(sources, options, restCalls(service, signal), setup, project)
    // What is made from here on has to be closed.
    signal.throwIfAborted()
    const opened = sources.map(({ subscriptionPath }) => new RestSubscription(service, subscriptionPath, limits))
    return {
      subscriptions: new Map(sources.map(({ topic }, i) => [topic, opened[i]!])),
      ask: (signal: AbortSignal) =>
        restCalls(service, AbortSignal.any([signal, AbortSignal.timeout(CONNECT)])).look(opened[0]!.name),
      giveBack: () => {
        for (const subscription of opened) subscription.giveBack()
      }
    }
  }
}
