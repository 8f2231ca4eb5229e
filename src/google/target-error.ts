import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import { Status, statusOf, unreachable } from './status.ts'

/** A failed publish as ours: always a fault of the target, never of the messages. `topic`: where only one is meant. */
export function targetError(error: unknown, project: string, topic: string | undefined): AlertStreamsError {
  const place = `Pub/Sub, project ${project}${topic === undefined ? '' : `, topic ${topic}`}`
  const ours = error instanceof AlertStreamsError
  const remedy = (ours ? error.remedy : remedyFor(statusOf(error), project, topic)) ?? unreachable()
  return new AlertStreamsError('SINK_UNAVAILABLE', ours ? error.message : `${place}: ${reasonOf(error)}`, {
    cause: error,
    remedy
  })
}

function remedyFor(status: number | undefined, project: string, topic: string | undefined): string | undefined {
  switch (status) {
    case Status.UNAUTHENTICATED:
      return 'Set KEY_FILE to a valid service account key, or renew the application default credentials.'
    case Status.PERMISSION_DENIED:
      return `Give the account the role Pub/Sub Publisher on the topic, and check PROJECT (${project}).`
    case Status.NOT_FOUND:
      return topic === undefined
        ? `Check PROJECT (${project}).`
        : `Create the topic (gcloud pubsub topics create ${topic} --project ${project}), or correct TOPIC and PROJECT.`
    case Status.INVALID_ARGUMENT:
      return `Check PROJECT (${project}) and TOPIC.`
    case Status.RESOURCE_EXHAUSTED:
      return `Ask Google for more publish throughput in project ${project} if this does not pass.`
    case Status.FAILED_PRECONDITION:
      return "Check the state of the topic in Google's console, and the key that encrypts it."
    default:
      return undefined
  }
}
