import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { failure } from './big-query.ts'
import { misfitOf, type TableField } from './table-rules.ts'

type Json = Readonly<Record<string, unknown>>

interface InsertRequest {
  readonly skipInvalidRows?: boolean
  readonly rows: readonly { readonly insertId?: string; readonly json: Json }[]
}

/** What a call is about. */
interface Call {
  readonly dataset: string | undefined
  readonly table: string | undefined
  readonly verb: string | undefined
  readonly body: string
}

type Answer = readonly [status: number, body?: unknown]

interface Table {
  fields: readonly TableField[]
  readonly rows: Json[]
  /** Google forgets them after a while; a test is shorter. */
  readonly insertIds: Set<string>
}

/**
 * Tables behind BigQuery's REST interface, after its documentation: what the stand-in does otherwise. A row that does not
 * fit is refused with the reasons, and the others with it unless they may be taken without; a row with the insertId of
 * another is kept once; what is not there is 404.
 */
export class BigQueryTables {
  /** Bytes of a request, at most. */
  mostBytes = 10_000_000
  /** Whatever the request says, rows that fit are `stopped` by others that do not. */
  stops = false
  /** By insertId: the reason of an error that passes, and how many times it is given. */
  readonly passing = new Map<string, { readonly reason: string; count: number }>()
  /** Instead of an answer to insertAll. */
  refusal: { readonly status: number; readonly reason: string; readonly message: string } | undefined
  /** Whatever has been inserted, the answer to it. */
  answer: unknown
  /** The rows are in the table, and the answer is not sent before this has ended. */
  inserted: () => Promise<void> = async () => {}
  /** How many rows each insertAll had. */
  readonly requests: number[] = []
  /** How often a table was looked at. */
  looks = 0
  readonly #datasets = new Map<string, Map<string, Table>>()
  readonly #server: Server

  static async start(): Promise<BigQueryTables> {
    const tables = new BigQueryTables()
    await new Promise<void>((resolve) => tables.#server.listen(0, '127.0.0.1', resolve))
    return tables
  }

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response))
    this.#server.unref()
  }

  /** host:port */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  make(dataset: string, table: string, fields: readonly TableField[]): Table {
    const made: Table = { fields, rows: [], insertIds: new Set() }
    this.#datasets.set(dataset, this.#datasets.get(dataset) ?? new Map())
    this.#datasets.get(dataset)!.set(table, made)
    return made
  }

  /** dataset and dataset.table, of all that there are. */
  get names(): readonly string[] {
    return [...this.#datasets].flatMap(([name, tables]) => [name, ...[...tables.keys()].map((one) => `${name}.${one}`)])
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    const path = new URL(request.url ?? '', 'http://x').pathname
    const [, dataset, table, verb] =
      /^\/bigquery\/v2\/projects\/[^/]+\/datasets(?:\/(\w+))?(?:\/tables)?(?:\/([\w-]+))?(?:\/(insertAll))?$/.exec(
        path
      ) ?? []
    const [status, answer] = await this.#answer(`${request.method}`, { dataset, table, verb, body })
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(answer && JSON.stringify(answer))
  }

  async #answer(method: string, { dataset, table, verb, body }: Call): Promise<Answer> {
    const say = (status: number, reason: string, message: string) => [status, failure(status, reason, message)] as const
    const tables = dataset === undefined ? undefined : this.#datasets.get(dataset)
    if (dataset === undefined) {
      if (method === 'GET') return [200, { datasets: [] }]
      const { datasetReference } = JSON.parse(body) as { datasetReference: { datasetId: string } }
      if (this.#datasets.has(datasetReference.datasetId)) return say(409, 'duplicate', 'Already Exists: Dataset')
      this.#datasets.set(datasetReference.datasetId, new Map())
      return [200, { datasetReference }]
    }
    if (tables === undefined) return say(404, 'notFound', `Not found: Dataset ${dataset}`)
    if (table === undefined) {
      if (method === 'GET') return [200, { datasetReference: { datasetId: dataset } }]
      if (method === 'POST') {
        const made = JSON.parse(body) as { tableReference: { tableId: string }; schema: { fields: TableField[] } }
        if (tables.has(made.tableReference.tableId)) return say(409, 'duplicate', 'Already Exists: Table')
        this.make(dataset, made.tableReference.tableId, made.schema.fields)
        return [200, made]
      }
      if (tables.size > 0) return say(400, 'resourceInUse', `Dataset ${dataset} is still in use`)
      this.#datasets.delete(dataset)
      return [204]
    }
    const found = tables.get(table)
    if (found === undefined) return say(404, 'notFound', `Not found: Table ${dataset}.${table}`)
    if (verb === 'insertAll') return this.#insert(found, body)
    if (method === 'GET') {
      this.looks++
      return [200, { schema: { fields: found.fields } }]
    }
    tables.delete(table)
    return [204]
  }

  async #insert(table: Table, body: string): Promise<Answer> {
    if (this.refusal !== undefined) {
      const { status, reason, message } = this.refusal
      return [status, failure(status, reason, message)]
    }
    if (Buffer.byteLength(body) > this.mostBytes) {
      return [413, failure(413, 'uploadTooLarge', 'Request Entity Too Large')]
    }
    const { rows, skipInvalidRows } = JSON.parse(body) as InsertRequest
    this.requests.push(rows.length)
    const errors = rows.map(({ insertId, json }) => this.#errorOf(table, insertId, json))
    const takesOthers = skipInvalidRows === true && !this.stops
    const stopped = !takesOthers && errors.some((error) => error !== undefined)
    const insertErrors = rows.flatMap(({ insertId, json }, index) => {
      const own = errors[index]
      if (own !== undefined) return [{ index, errors: [own] }]
      if (stopped) return [{ index, errors: [{ reason: 'stopped', location: '', debugInfo: '', message: '' }] }]
      if (insertId === undefined || !table.insertIds.has(insertId)) table.rows.push(json)
      if (insertId !== undefined) table.insertIds.add(insertId)
      return []
    })
    await this.inserted()
    if (this.answer !== undefined) return [200, this.answer]
    return [200, { kind: 'bigquery#tableDataInsertAllResponse', ...(insertErrors.length > 0 && { insertErrors }) }]
  }

  #errorOf({ fields }: Table, insertId: string | undefined, json: Json) {
    const passing = insertId === undefined ? undefined : this.passing.get(insertId)
    if (passing !== undefined && passing.count-- > 0) {
      return { reason: passing.reason, location: '', debugInfo: '', message: 'later' }
    }
    const misfit = misfitOf(json, fields)
    return misfit && { reason: 'invalid', debugInfo: '', ...misfit }
  }
}
