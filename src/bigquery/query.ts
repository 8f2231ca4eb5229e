import { randomUUID } from 'node:crypto'
import { recordOf, textIn } from '../google/answers.ts'
import { persist } from '../google/persist.ts'
import { call, type RestService } from '../google/rest.ts'
import type { Statement } from './statement.ts'
import { type Row, rowReader } from './values.ts'

/** Rows in a page, at most; Google also cuts at some megabytes. */
const PAGE = 1_000
/** Milliseconds that the server waits for the job within a call, and that a call may take. */
const WAIT = 10_000
const CALL = 60_000
/** Bytes: what Google bills for a table at least, and so the smallest cap that makes sense. */
const LEAST_BILLED = 10 * 1024 * 1024

export interface Price {
  /** Bytes that are read, and billed; undefined: the server does not say. */
  readonly bytes: number | undefined
  /** SELECT, SCRIPT, DELETE ...; undefined: the server does not say. */
  readonly kind: string | undefined
}

type Answer = Readonly<Record<string, unknown>>

/** One query in a project. Calls that fail in passing are repeated while rows are read. */
export class Query {
  readonly #service: RestService
  readonly #project: string
  readonly #statement: Statement
  /** So that a repeated request does not make a second job. */
  readonly #requestId = randomUUID()

  constructor(service: RestService, project: string, statement: Statement) {
    this.#service = service
    this.#project = project
    this.#statement = statement
  }

  /** What it would cost, and free of charge itself. Rejects where the query is wrong. */
  async price(signal: AbortSignal): Promise<Price> {
    const answer = await this.#call('POST', '', signal, { ...this.#request, dryRun: true })
    const bytes = Number(answer.totalBytesProcessed ?? Number.NaN)
    const statistics = recordOf(recordOf(answer.statistics)?.query)
    return {
      bytes: Number.isFinite(bytes) ? bytes : undefined,
      kind: textIn(answer, 'statementType') ?? textIn(statistics, 'statementType')
    }
  }

  /** All rows, page by page. `failed` hears of each call that is repeated, `answered` of each that is not. */
  async *pages(
    mostBilled: number,
    signal: AbortSignal,
    heard: { readonly failed: (error: unknown) => void; readonly answered: () => void }
  ): AsyncGenerator<readonly Row[]> {
    const ask = async (method: 'GET' | 'POST', path: string, body?: unknown) => {
      const answer = await persist(() => this.#call(method, path, signal, body), signal, heard.failed)
      heard.answered()
      return answer
    }
    const maximumBytesBilled = String(Math.max(mostBilled, LEAST_BILLED))
    let answer = await ask('POST', '', { ...this.#request, requestId: this.#requestId, maximumBytesBilled })
    const job = recordOf(answer.jobReference)
    let read: ((row: unknown) => Row) | undefined
    for (let token: string | undefined; ; ) {
      while (answer.jobComplete === false) answer = await ask('GET', resultsPath(job, token))
      read ??= rowReader(answer.schema)
      yield (Array.isArray(answer.rows) ? answer.rows : []).map(read)
      token = textIn(answer, 'pageToken')
      if (!token) return
      answer = await ask('GET', resultsPath(job, token))
    }
  }

  get #request() {
    return {
      query: this.#statement.sql,
      useLegacySql: false,
      parameterMode: 'NAMED',
      queryParameters: this.#statement.parameters,
      maxResults: PAGE,
      timeoutMs: WAIT,
      formatOptions: { useInt64Timestamp: true }
    }
  }

  #call(method: 'GET' | 'POST', path: string, signal: AbortSignal, body?: unknown): Promise<Answer> {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(CALL)])
    return call(this.#service, method, `projects/${this.#project}/queries${path}`, deadline, body)
  }
}

function resultsPath(job: Answer | undefined, pageToken: string | undefined): string {
  const location = textIn(job, 'location')
  const query = new URLSearchParams({
    maxResults: String(PAGE),
    timeoutMs: String(WAIT),
    'formatOptions.useInt64Timestamp': 'true',
    ...(location && { location }),
    ...(pageToken && { pageToken })
  })
  return `/${encodeURIComponent(textIn(job, 'jobId') ?? '')}?${query}`
}

/** Bytes that are read, and what Google takes for them once the free ones of a month are used up. */
export function costOf(bytes: number): string {
  const usd = (bytes / 2 ** 40) * 6.25
  const size = bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(1)} MB`
  return `${size} (${usd < 0.01 ? 'less than 0.01' : `about ${usd.toFixed(2)}`} USD, or free: the first TiB of a month is)`
}
