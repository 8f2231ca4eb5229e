import { randomBytes } from 'node:crypto'
import type { StreamSetup } from '../../src/contract/stream.ts'
import { PittGoogleDatabaseStream } from '../../src/streams/pitt-google-database.ts'
import { type Published, type StreamHarness, streamSetup } from '../contract/stream-bench.ts'
import { databaseOptionsOf } from '../google/database-options.ts'
import { canary, Google, loginFile, refused, unreachable } from '../google/google.ts'
import { bigquery, callBigquery } from '../services/bigquery.ts'

/** A table of the stand-in for BigQuery, behind a door that wants tokens; a message is a row with its number. */
export const pittGoogleDatabase: StreamHarness = {
  promises: {
    ordered: true,
    redelivers: 'after reopening',
    remembers: false,
    ends: true,
    keepsKey: 'no',
    keepsHeaders: 'no',
    keepsNull: false,
    keepsBytes: false
  },
  secrets: Object.values(canary),
  async setUp() {
    const host = await bigquery()
    const google = await Google.start(`http://${host}`)
    const [project, datasetId, tableId] = [`p-${randomBytes(6).toString('hex')}`, 'night', 'alerts']
    await callBigquery(host, `projects/${project}/datasets`, { datasetReference: { projectId: project, datasetId } })
    const fields = [
      { name: 'number', type: 'INTEGER' },
      { name: 'blanks', type: 'STRING' }
    ]
    const tableReference = { projectId: project, datasetId, tableId }
    const tables = `projects/${project}/datasets/${datasetId}/tables`
    await callBigquery(host, tables, { tableReference, schema: { fields } })
    return {
      publish: async (messages) => {
        const rows = messages.map((message) => ({ json: rowOf(message) }))
        await callBigquery(host, `${tables}/${tableId}/insertAll`, { rows })
      },
      open: (over) =>
        open(over, {
          PROJECT: project,
          TABLE: `${project}.${datasetId}.${tableId}`,
          SORT: ['number ASC'],
          ENDPOINT: google.url,
          TOKEN_FILE: loginFile(google.url)
        }),
      tearDown: () => google.close()
    }
  },
  unreachable: async (over) => open(over, await unreachable()),
  refused: async (over) => open(over, await refused())
}

/** As large as the message. */
function rowOf({ bytes }: Published) {
  const text = new TextDecoder().decode(bytes ?? undefined)
  return { number: (JSON.parse(text) as { number: number }).number, blanks: ' '.repeat(text.length) }
}

function open(over: Partial<StreamSetup>, options: Parameters<typeof databaseOptionsOf>[0]) {
  delete process.env.BIGQUERY_EMULATOR_HOST
  return new PittGoogleDatabaseStream(databaseOptionsOf(options), streamSetup(over))
}
