import { hash } from 'node:crypto'
import { lineOf } from '../archive/message-line.ts'
import { idAt, recordOf, sizeOf } from '../bigquery/row-content.ts'
import { datasetResource, tableResource } from '../bigquery/resources.ts'
import type { PlacedRow } from '../bigquery/placed-row.ts'
import { RowTable } from '../bigquery/row-table.ts'
import { tableNameOf } from '../bigquery/tables.ts'
import { targetError } from '../bigquery/target-error.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import type { Resource } from '../contract/resource.ts'
import type { Outgoing, Rejection, Sink, SinkNeedsSetup, SinkSetup, Source } from '../contract/sink.ts'
import { call, type RestService } from '../google/rest.ts'
import { openService } from '../google/service.ts'
import { projectOf } from '../google/source.ts'
import { Status, statusOf } from '../google/status.ts'
import { type BigQueryOptions, bigqueryFields, inTest, isTable, plain } from './bigquery-options.ts'
import { before } from '../google/waiting.ts'
import { isFixed, topicFor, topicsFor } from './topic-template.ts'

const IDS = ['candid', 'diaSourceId', 'diaSource.diaSourceId']
/** Google's limit, characters. */
const LONGEST_ID = 128
/** Milliseconds. */
const CONNECT = 20_000

/** Rows of BigQuery tables, by streaming inserts. What `write` has resolved BigQuery has answered for. */
export class BigQuerySink implements Sink<PlacedRow> {
  static readonly doc =
    'Writes rows to a BigQuery table, whose own columns say what a row looks like: nested as the alert, or flat with joined ' +
    'names (candidate_magpsf). A row that comes again within minutes is kept once, as far as BigQuery does that. A handler ' +
    'may return rows of its own: records. docs/bigquery.md describes both, and dead letters.'
  static readonly fields = bigqueryFields

  static writes({ PROJECT, TABLE }: BigQueryOptions): undefined {
    projectOf(PROJECT, 'PROJECT')
    if (isTable(TABLE.replaceAll(/\{(topic|stream)\}/g, 'x'))) return undefined
    throw new AlertStreamsError('CONFIG_INVALID', `TABLE: "${TABLE}" is no table of BigQuery`, {
      remedy: 'Write it as dataset.table, or ztf.{topic}; its project is PROJECT.'
    })
  }

  static needs(options: BigQueryOptions, { name, baseDir, feeds }: SinkNeedsSetup): readonly Resource[] {
    const { TABLE, TESTID, SCHEMA, LOCATION } = options
    const project = projectOf(options.PROJECT, name)
    const tables = topicsFor(TABLE, feeds.map(plain)).map((table) => {
      if (isTable(table)) return tableNameOf(`${project}.${inTest(table, TESTID)}`)
      throw new AlertStreamsError('CONFIG_INVALID', `${name}: ${noTable(table)}`, { remedy: 'Correct TABLE.' })
    })
    const asker = { account: options, baseDir }
    return tables.flatMap((table) => [datasetResource(table, LOCATION, asker), tableResource(table, SCHEMA, asker)])
  }

  readonly readsPayload = true
  readonly #options: BigQueryOptions
  readonly #setup: SinkSetup
  readonly #project: string
  readonly #tables = new Map<string, RowTable>()
  #service: RestService | undefined
  /** How many rows one source message was made into so far: they need ids of their own. */
  readonly #made = new WeakMap<object, number>()

  constructor(options: BigQueryOptions, setup: SinkSetup) {
    this.#options = options
    this.#setup = setup
    this.#project = projectOf(options.PROJECT, setup.name)
  }

  async connect(signal: AbortSignal): Promise<void> {
    const { TABLE, TESTID } = this.#options
    if (isFixed(TABLE)) return (await this.#table(inTest(TABLE, TESTID), signal)).open(signal)
    const until = AbortSignal.any([signal, AbortSignal.timeout(CONNECT)])
    const place = `BigQuery, project ${this.#project}`
    try {
      await call(await this.#open(until), 'GET', `projects/${this.#project}/datasets?maxResults=1`, until)
    } catch (error) {
      // An answer too: who may write rows need not be allowed to look around.
      if (statusOf(error) !== Status.PERMISSION_DENIED) throw targetError(error, place)
    }
  }

  place(outgoing: Outgoing, source: Source): PlacedRow {
    const { failure } = source
    const record = failure === undefined ? recordOf(outgoing, source) : deadLetterOf(outgoing, source)
    const bytes = sizeOf(record)
    return {
      target: this.#targetFor(outgoing, source),
      bytes,
      extraBytes: bytes,
      record,
      insertId: this.#idOf(record, source),
      needs: this.#options.UNKNOWN === 'reject' ? 'all' : failure === undefined ? [] : ['value', 'code', 'reason'],
      written: false,
      refused: undefined
    }
  }

  async write(batch: readonly PlacedRow[], signal: AbortSignal): Promise<readonly Rejection[]> {
    signal.throwIfAborted()
    const table = await this.#table(batch[0]!.target, signal)
    await table.insert(batch, signal)
    return batch.flatMap(({ target, refused }, index) =>
      refused === undefined ? [] : [{ index, code: 'SINK_REJECTED', reason: `${target}: ${refused}` }]
    )
  }

  async close(): Promise<void> {}

  #targetFor({ topic }: Outgoing, { message, stream }: Source): string {
    const name = topicFor(this.#options.TABLE, plain({ topic: topic ?? message.topic, stream }))
    if (isTable(name)) return inTest(name, this.#options.TESTID)
    throw new AlertStreamsError('SINK_REJECTED', noTable(name))
  }

  #idOf(record: PlacedRow['record'], { message, stream, failure }: Source): string {
    const { INSERT_ID } = this.#options
    const count = this.#made.get(message) ?? 0
    this.#made.set(message, count + 1)
    const paths = failure !== undefined ? [] : INSERT_ID === undefined ? IDS : [INSERT_ID]
    const own = paths.map((path) => idAt(record, path)).find((id) => id !== undefined)
    const id = `${own ?? `${stream}/${message.topic}/${message.id}`}${count === 0 ? '' : `/${count}`}`
    return id.length <= LONGEST_ID ? id.toWellFormed() : hash('sha256', id)
  }

  async #table(target: string, signal: AbortSignal): Promise<RowTable> {
    const name = tableNameOf(`${this.#project}.${target}`)
    const known = this.#tables.get(target)
    if (known !== undefined) return known
    const { log } = this.#setup
    const made = new RowTable({ service: await this.#open(signal), name, timeout: this.#options.TIMEOUT, log })
    this.#tables.set(target, made)
    return made
  }

  async #open(signal: AbortSignal): Promise<RestService> {
    const { name, baseDir } = this.#setup
    const until = AbortSignal.any([signal, AbortSignal.timeout(CONNECT)])
    try {
      this.#service ??= await before(until, openService('bigquery', this.#options, baseDir, name))
      return this.#service
    } catch (error) {
      signal.throwIfAborted()
      throw targetError(error, `BigQuery, project ${this.#project}`)
    }
  }
}

function noTable(name: string): string {
  return `"${name}" is no table of BigQuery: a dataset has no hyphen in its name`
}

/** What a file of dead letters holds in a line. */
function deadLetterOf({ key = null, value }: Outgoing, source: Source): PlacedRow['record'] {
  const bytesOf = (one: unknown) =>
    typeof one === 'string' ? Buffer.from(one) : one instanceof Uint8Array ? one : null
  const { headers } = source.message
  return JSON.parse(lineOf(source, { key: bytesOf(key), headers, bytes: bytesOf(value) }))
}
