import { choice, duration, type OptionsOf, path, text } from '../contract/options.ts'
import type { Feed } from '../contract/resource.ts'
import { testid } from '../contract/testid.ts'
import { endpoint } from '../google/endpoint.ts'
import { accountFields } from '../google/fields.ts'

export const bigqueryFields = {
  PROJECT: text('the Google Cloud project of the tables; left out: GOOGLE_CLOUD_PROJECT'),
  TABLE: text(
    'the table as dataset.table, or a template of {topic} and {stream}. `run` makes none; `alertstreams setup` does',
    {
      required: true
    }
  ),
  SCHEMA: path(
    'the columns for `alertstreams setup`: a schema file of BigQuery (JSON), an Avro schema (.avsc) or an alert (.avro)'
  ),
  INSERT_ID: text(
    'the field, as in candidate.candid, by which BigQuery knows a row that comes again; left out: candid, diaSourceId, ' +
      'diaSource.diaSourceId, or the id of the message, the first that there is'
  ),
  LOCATION: text('for `alertstreams setup`: where a dataset lies that it makes: US, EU or a region; left out: US'),
  UNKNOWN: choice(
    'fields that the table has no column for: ignore: left out, and named once in the log; reject: the row is refused. ' +
      'Cut-outs are left out always',
    ['ignore', 'reject'],
    { fallback: 'ignore' }
  ),
  TIMEOUT: duration('for the answer to one request', { fallback: 60 }),
  TESTID: testid('for a test run, set by `--testid`: it writes to a dataset whose name ends in _TESTID'),
  KEY_FILE: accountFields.KEY_FILE,
  TOKEN_FILE: accountFields.TOKEN_FILE,
  ENDPOINT: endpoint('Another address of BigQuery: regional, private; default: https://bigquery.googleapis.com.')
}

export type BigQueryOptions = OptionsOf<typeof bigqueryFields>

/** Names of tables have letters, digits, _ and - only. */
export function plain({ topic, stream }: Feed): Feed {
  const part = (text: string) => text.replaceAll(/[^\w-]/g, '_')
  return { topic: part(topic), stream: part(stream) }
}

/** dataset_TESTID.table: as the broker names them. */
export function inTest(table: string, testid: string | undefined): string {
  return testid === undefined ? table : table.replace('.', `_${testid}.`)
}

export function isTable(name: string): boolean {
  return /^\w{1,1024}\.[\w-]{1,1024}$/.test(name)
}
