import { randomBytes } from 'node:crypto'
import { rowReader } from '../../src/bigquery/values.ts'
import { stringifyJson } from '../../src/codecs/json-text.ts'
import type { Outgoing, Placed, Rejection, Sink, SinkSetup, Source } from '../../src/contract/sink.ts'
import { BigQuerySink } from '../../src/sinks/bigquery.ts'
import { type SinkHarness, sinkSetup, type Written } from '../contract/sink-bench.ts'
import { failure } from '../google/big-query.ts'
import { canary, Google, loginFile, unreachable } from '../google/google.ts'
import { readOptions } from '../kafka/options.ts'
import { bigquery, callBigquery } from '../services/bigquery.ts'

/** A sink with options as the configuration gives them. */
export function openBigquerySink(options: Readonly<Record<string, unknown>>, over: Partial<SinkSetup> = {}) {
  delete process.env.BIGQUERY_EMULATOR_HOST
  return new BigQuerySink(readOptions(BigQuerySink.fields, options), sinkSetup(over))
}

/** A table holds rows only: what the suite writes goes into one, and `written` takes it out again. */
class Wrapped implements Sink {
  readonly #sink: BigQuerySink

  constructor(sink: BigQuerySink) {
    this.#sink = sink
  }

  connect(signal: AbortSignal): Promise<void> {
    return this.#sink.connect(signal)
  }

  place(outgoing: Outgoing, source: Source): Placed {
    return this.#sink.place({ ...outgoing, value: rowOf(outgoing.value) }, source)
  }

  write(batch: readonly Placed[], signal: AbortSignal): Promise<readonly Rejection[]> {
    return this.#sink.write(batch as Parameters<BigQuerySink['write']>[0], signal)
  }

  close(): Promise<void> {
    return this.#sink.close()
  }
}

const MISFIT = Symbol('a row that does not fit')

function rowOf(value: unknown): unknown {
  if (value === MISFIT) return { count: 'no number' }
  return value instanceof Uint8Array ? { bytes: value } : { json: stringifyJson(value) }
}

function writtenOf({ bytes, json }: Readonly<Record<string, unknown>>): Written {
  const content = typeof bytes === 'string' ? Buffer.from(bytes, 'base64') : Buffer.from(String(json))
  return { key: null, headers: [], bytes: content }
}

const FIELDS = [
  { name: 'bytes', type: 'BYTES' },
  { name: 'json', type: 'STRING' },
  { name: 'count', type: 'INTEGER' }
]

/** A table of the stand-in for BigQuery, behind a door that wants tokens. */
export const bigquerySink: SinkHarness = {
  promises: { ordered: false, keepsKey: false, keepsHeaders: false, keepsNull: false, breaks: true, rejects: true },
  secrets: Object.values(canary),
  async setUp() {
    const host = await bigquery()
    const google = await Google.start(`http://${host}`)
    const [project, datasetId, tableId] = [`p-${randomBytes(6).toString('hex')}`, 'night', 'alerts']
    await callBigquery(host, `projects/${project}/datasets`, { datasetReference: { projectId: project, datasetId } })
    const tableReference = { projectId: project, datasetId, tableId }
    await callBigquery(host, `projects/${project}/datasets/${datasetId}/tables`, {
      tableReference,
      schema: { fields: FIELDS }
    })
    const options = {
      PROJECT: project,
      TABLE: `${datasetId}.${tableId}`,
      ENDPOINT: google.url,
      TOKEN_FILE: loginFile(google.url)
    }
    const broken = { status: 503, body: failure(503, 'backendError', 'later'), count: Number.POSITIVE_INFINITY }
    return {
      topic: 'a.topic',
      open: (over) => new Wrapped(openBigquerySink(options, over)),
      written: async () => {
        const query = { query: `SELECT * FROM \`${project}.${options.TABLE}\``, useLegacySql: false, maxResults: 1000 }
        const { schema, rows } = await callBigquery(host, `projects/${project}/queries`, query)
        return ((rows ?? []) as readonly unknown[]).map(rowReader(schema)).map(writtenOf)
      },
      breakTarget: async () => void google.faults.set('/insertAll', { ...broken }),
      mendTarget: async () => void google.faults.delete('/insertAll'),
      impossible: () => ({ topic: 'a.topic', value: MISFIT }),
      tearDown: () => google.close()
    }
  },
  unreachable: async (over) => new Wrapped(openBigquerySink({ ...(await unreachable()), TABLE: 'night.alerts' }, over))
}
