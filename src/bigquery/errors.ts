import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import { RestError } from '../google/rest.ts'
import { Status, statusOf } from '../google/status.ts'
import { LOGIN } from '../google/token-file.ts'

/** What the options are called where the user gives them. */
export interface OptionNames {
  readonly cap: string
  readonly columns: string
  readonly keyFile: string
  readonly table: string
  readonly project: string
  /** All that the text of the query is made of. */
  readonly query: string
}

const IN_YAML: OptionNames = {
  cap: 'MAX_BYTES_BILLED',
  columns: 'COLUMNS',
  keyFile: 'KEY_FILE',
  table: 'TABLE',
  project: 'PROJECT',
  query: 'TABLE, COLUMNS, SORT, WHERE and PARAMETERS'
}

/** Our error for a failed call to BigQuery. `place` begins the message: the stream and the table. */
export function bigqueryError(error: unknown, place: string, project: string, names = IN_YAML): AlertStreamsError {
  if (error instanceof AlertStreamsError) return error
  const reason = error instanceof RestError ? error.reason : ''
  const said = reasonOf(error)
  if (reason === 'bytesBilledLimitExceeded')
    return failure(
      'CONFIG_INVALID',
      `${place}: the query costs too much: ${said}`,
      `Raise ${names.cap}, or name fewer ${names.columns}.`
    )
  if (reason === 'quotaExceeded')
    return failure('CONNECT_FAILED', `${place}: the quota is used up: ${said}`, `See the quotas of project ${project}.`)
  switch (statusOf(error)) {
    case Status.UNAUTHENTICATED:
      return failure(
        'CREDENTIALS_REFUSED',
        `${place}: Google refused the credentials: ${said}`,
        `Set ${names.keyFile} to a valid service account key, or log in again: ${LOGIN}`
      )
    case Status.PERMISSION_DENIED:
      return failure(
        'CREDENTIALS_REFUSED',
        `${place}: the account is not allowed to do this: ${said}`,
        `Give the account the role BigQuery Job User in project ${project}, and check ${names.project} and ${names.table}.`
      )
    case Status.NOT_FOUND:
      return failure(
        'CONFIG_INVALID',
        `${place}: there is no such table: ${said}`,
        `Check ${names.table} and ${names.project}.`
      )
    case Status.INVALID_ARGUMENT:
      return failure('CONFIG_INVALID', `${place}: BigQuery does not accept the query: ${said}`, `Check ${names.query}.`)
    default:
      return failure(
        'CONNECT_FAILED',
        `${place}: cannot read from BigQuery: ${said}`,
        'Check that bigquery.googleapis.com can be reached from this machine.'
      )
  }

  function failure(code: 'CONFIG_INVALID' | 'CONNECT_FAILED' | 'CREDENTIALS_REFUSED', message: string, remedy: string) {
    return new AlertStreamsError(code, message, { cause: error, remedy })
  }
}
