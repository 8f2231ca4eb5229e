import { AlertStreamsError, reasonOf } from '../contract/errors.ts'

/** The status codes of google.rpc.Code that mean something to us. */
export const Status = {
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16
} as const

/** The status code of an error from Google's clients. */
export function statusOf(error: unknown): number | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'number' ? code : undefined
}

/** Undefined: what was asked for is not there. */
export async function unlessMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (statusOf(error) === Status.NOT_FOUND) return undefined
    throw error
  }
}

/** Harmless where somebody else was faster. */
export async function unlessThere(made: Promise<unknown>): Promise<void> {
  try {
    await made
  } catch (error) {
    if (statusOf(error) !== Status.ALREADY_EXISTS) throw error
  }
}

/** Our error for a failed Pub/Sub call. `place` begins the message: the stream and the resource. */
export function pubsubError(error: unknown, place: string, project: string): AlertStreamsError {
  if (error instanceof AlertStreamsError) return error
  const reason = reasonOf(error)
  switch (statusOf(error)) {
    case Status.UNAUTHENTICATED:
      return new AlertStreamsError('CREDENTIALS_REFUSED', `${place}: Google refused the credentials: ${reason}`, {
        cause: error,
        remedy: 'Set KEY_FILE to a valid service account key, or log in again: alertstreams login pitt-google.'
      })
    case Status.PERMISSION_DENIED:
      return new AlertStreamsError(
        'CREDENTIALS_REFUSED',
        `${place}: the account is not allowed to do this: ${reason}`,
        {
          cause: error,
          remedy: `Give the account the role Pub/Sub Editor in project ${project}, and check PROJECT and TOPIC_PROJECT.`
        }
      )
    case Status.INVALID_ARGUMENT:
      return new AlertStreamsError('CONFIG_INVALID', `${place}: Pub/Sub does not accept this: ${reason}`, {
        cause: error,
        remedy: 'Check PROJECT, SUBSCRIPTION and the topic names.'
      })
    case Status.NOT_FOUND:
      return new AlertStreamsError('CONNECT_FAILED', `${place}: the subscription is gone: ${reason}`, {
        cause: error,
        remedy: 'It is made again when the stream reopens; what was published meanwhile is lost to it.'
      })
    default:
      return new AlertStreamsError('CONNECT_FAILED', `${place}: cannot read from Pub/Sub: ${reason}`, {
        cause: error,
        remedy: unreachable()
      })
  }
}

/** What to do when nobody answers. */
export function unreachable(): string {
  const emulator = process.env.PUBSUB_EMULATOR_HOST
  return emulator
    ? `Start the emulator at ${emulator}, or unset PUBSUB_EMULATOR_HOST to use Google's own service.`
    : 'Check that pubsub.googleapis.com can be reached from this machine.'
}
