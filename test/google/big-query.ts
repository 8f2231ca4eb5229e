import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

interface Request {
  readonly query: string
  readonly dryRun?: boolean
  readonly requestId?: string
  readonly maximumBytesBilled?: string
  readonly maxResults: number
  readonly queryParameters: readonly unknown[]
}

/**
 * One query result behind BigQuery's REST interface, after its documentation: what the stand-in leaves out. It bills,
 * refuses what costs more than the cap, lets jobs take their time, cuts pages as it likes, and wants a job's location.
 */
export class BigQueryJobs {
  schema: unknown = { fields: [{ name: 'candid', type: 'INTEGER', mode: 'REQUIRED' }] }
  rows: readonly unknown[] = []
  /** Bytes of every query. */
  price = 1_000_000
  /** Answers without rows before a job is done. */
  unfinished = 0
  /** Rows in a page, whatever was asked for. */
  page = 1_000
  statementType = 'SELECT'
  /** Of the one table; undefined: there is none. */
  table: unknown
  /** Instead of an answer to any query. */
  refusal: { readonly status: number; readonly reason: string; readonly message: string } | undefined
  /** Requests for queries, in order. */
  readonly requests: Request[] = []
  /** Jobs by request id: a repeated request is the same job. */
  readonly jobs = new Map<string, string>()
  readonly #server: Server

  static async start(): Promise<BigQueryJobs> {
    const jobs = new BigQueryJobs()
    await new Promise<void>((resolve) => jobs.#server.listen(0, '127.0.0.1', resolve))
    return jobs
  }

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response))
    this.#server.unref()
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.close()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://x')
    const say = (status: number, value: unknown) =>
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
    if (request.method === 'GET' && url.pathname.includes('/tables/')) {
      if (this.table === undefined) return void say(404, failure(404, 'notFound', 'Not found: Table'))
      return void say(200, { schema: this.table })
    }
    if (request.method === 'GET') {
      if (url.searchParams.get('location') !== 'US') return void say(404, failure(404, 'notFound', 'Not found: Job'))
      return void say(
        200,
        this.#results(url.pathname.split('/').at(-1)!, Number(url.searchParams.get('pageToken') ?? 0))
      )
    }
    const asked: Request = JSON.parse(await text(request))
    this.requests.push(asked)
    if (this.refusal !== undefined) {
      const { status, reason, message } = this.refusal
      return void say(status, failure(status, reason, message))
    }
    if (asked.dryRun) {
      const { price, statementType, schema } = this
      return void say(200, { jobComplete: true, totalBytesProcessed: String(price), statementType, schema, rows: [] })
    }
    if (Number(asked.maximumBytesBilled) < this.price) {
      const message = `Query exceeded limit for bytes billed: ${asked.maximumBytesBilled}.`
      return void say(400, failure(400, 'bytesBilledLimitExceeded', message))
    }
    const id = asked.requestId ?? ''
    if (!this.jobs.has(id)) this.jobs.set(id, `job-${this.jobs.size}`)
    say(200, this.#results(this.jobs.get(id)!, 0))
  }

  #results(jobId: string, start: number): unknown {
    const jobReference = { projectId: 'me', jobId, location: 'US' }
    if (this.unfinished > 0) {
      this.unfinished--
      return { jobComplete: false, jobReference }
    }
    const end = start + this.page
    return {
      jobComplete: true,
      jobReference,
      schema: this.schema,
      totalRows: String(this.rows.length),
      rows: this.rows.slice(start, end),
      ...(end < this.rows.length && { pageToken: String(end) })
    }
  }
}

/** An error as Google's older services write it. */
export function failure(code: number, reason: string, message: string): unknown {
  return { error: { code, message, errors: [{ message, domain: 'global', reason }], status: undefined } }
}
