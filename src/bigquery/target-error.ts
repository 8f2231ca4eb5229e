import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import { RestError } from '../google/rest.ts'
import { Status, statusOf } from '../google/status.ts'
import { LOGIN } from '../google/token-file.ts'

/** A failed call for a table as ours: a fault of the target, never of the rows. */
export function targetError(error: unknown, place: string): AlertStreamsError {
  const ours = error instanceof AlertStreamsError
  const said = reasonOf(error)
  return new AlertStreamsError('SINK_UNAVAILABLE', ours ? said : `${place}: ${said}`, {
    cause: error,
    remedy: (ours ? error.remedy : undefined) ?? remedyFor(error)
  })
}

const SET_UP = 'make the table with alertstreams setup'

function remedyFor(error: unknown): string {
  if (error instanceof RestError && /^(quota|rateLimit)Exceeded$/.test(error.reason)) {
    return 'Ask Google for a larger quota of streaming inserts if this does not pass.'
  }
  switch (statusOf(error)) {
    case Status.NOT_FOUND:
      return `Correct TABLE and PROJECT, or ${SET_UP}.`
    case Status.INVALID_ARGUMENT:
      return `Check TABLE and PROJECT: rows go into tables only, not into views; ${SET_UP}.`
    case Status.UNAUTHENTICATED:
      return `Set KEY_FILE to a valid service account key, or log in again: ${LOGIN}`
    case Status.PERMISSION_DENIED:
      return 'Give the account the role BigQuery Data Editor on the dataset; the project needs billing, as rows cost.'
    case Status.RESOURCE_EXHAUSTED:
      return 'Ask Google for a larger quota of streaming inserts if this does not pass.'
    default:
      return process.env.BIGQUERY_EMULATOR_HOST
        ? "Start the emulator at BIGQUERY_EMULATOR_HOST, or unset that to use Google's own service."
        : 'Check that bigquery.googleapis.com can be reached from this machine.'
  }
}
