import { recordsIn, textIn } from '../google/answers.ts'
import { call, RestError, type RestService } from '../google/rest.ts'
import { Status } from '../google/status.ts'
import { type TableName, tablePath } from './tables.ts'

/** A row as it is sent: the JSON of `{insertId, json}`. */
export interface Line<R> {
  readonly row: R
  readonly text: string
}

interface Failed<R> {
  readonly row: R
  readonly reason: string
}

/** What became of the rows of a request; those in neither list are in the table. */
export interface Outcome<R> {
  /** Never to be taken. */
  readonly refused: readonly Failed<R>[]
  /** Not taken because of others, or of BigQuery itself. */
  readonly again: readonly Failed<R>[]
}

/** Google's limits for a request: bytes, and the rows that it recommends. */
const MOST_BYTES = 10_000_000
const MOST_ROWS = 500
/** Bytes of a request beside its rows. */
const ENVELOPE = 100
/** The largest row that can be sent. */
export const LARGEST_ROW = MOST_BYTES - ENVELOPE

/** One tabledata.insertAll. Rejects with `RestError`, and with the signal's reason. */
export async function insertAll<R>(
  service: RestService,
  table: TableName,
  lines: readonly Line<R>[],
  signal: AbortSignal
): Promise<Outcome<R>> {
  const body = `{"skipInvalidRows":true,"rows":[${lines.map(({ text }) => text).join()}]}`
  return outcomeOf(await call(service, 'POST', `${tablePath(table)}/insertAll`, signal, body), lines)
}

/** Rows in as few requests as BigQuery takes. */
export function requestsOf<R>(lines: readonly Line<R>[]): readonly (readonly Line<R>[])[] {
  const requests: Line<R>[][] = []
  let bytes = 0
  for (const line of lines) {
    const size = Buffer.byteLength(line.text) + 1
    const last = requests.at(-1)
    if (last !== undefined && last.length < MOST_ROWS && bytes + size <= MOST_BYTES) {
      last.push(line)
      bytes += size
    } else {
      requests.push([line])
      bytes = ENVELOPE + size
    }
  }
  return requests
}

export function isTooLarge(error: unknown): error is RestError {
  if (!(error instanceof RestError)) return false
  return error.http === 413 || (error.http === 400 && /(size|payload|entity).*(exceeds|too large)/i.test(error.message))
}

function outcomeOf<R>(answer: Readonly<Record<string, unknown>>, lines: readonly Line<R>[]): Outcome<R> {
  const refused: Failed<R>[] = []
  const again: Failed<R>[] = []
  for (const failed of recordsIn(answer, 'insertErrors')) {
    // Zero may be left out.
    const line = lines[Number(failed.index ?? 0)]
    if (line === undefined)
      throw new RestError(`it refuses a row ${failed.index}, which it was not sent`, Status.INTERNAL)
    const errors = recordsIn(failed, 'errors')
    const own = errors.filter((error) => !isPassing(textIn(error, 'reason')))
    const list = own.length === 0 && errors.length > 0 ? again : refused
    list.push({
      row: line.row,
      reason: (own.length === 0 ? errors : own).map(said).join('; ') || 'BigQuery refuses it'
    })
  }
  return { refused, again }
}

/** `stopped`: another row of the request was refused, and this one not looked at. */
function isPassing(reason: string | undefined): boolean {
  return /^(stopped|timeout|backendError|internalError|quotaExceeded|rateLimitExceeded)$/.test(reason ?? '')
}

function said(error: Readonly<Record<string, unknown>>): string {
  const [reason, location, message] = ['reason', 'location', 'message'].map((name) => textIn(error, name))
  return `${reason ?? 'refused'}${location ? ` at ${location}` : ''}: ${message ?? ''}`
}
