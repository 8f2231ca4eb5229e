import { AlertStreamsError } from '../contract/errors.ts'
import type { RestService } from '../google/rest.ts'
import { type Account, openService } from '../google/service.ts'
import { bigqueryError, type OptionNames } from './errors.ts'
import { costOf, type Price, Query } from './query.ts'
import { type Search, searchStatement } from './search.ts'
import type { Statement } from './statement.ts'
import { readTablePath, type Table, USUAL_TABLE } from './table-path.ts'
import { findTable, tableNameOf } from './tables.ts'
import type { Row } from './values.ts'

/** Who asks, and what it may cost. Relative paths start at the working directory. */
export interface Asker extends Account {
  /** The project that pays; left out: GOOGLE_CLOUD_PROJECT. */
  readonly project?: string | undefined
  /** Bytes that a query may read, at most; left out: 100 GB. */
  readonly mostBytes?: number | undefined
}

/** `table`: dataset.table of Pitt-Google's or project.dataset.table; left out, ztf.alerts_v4_02. */
export type Question = { readonly sql: string } | (Search & { readonly table?: string | undefined })

export interface Answer {
  readonly price: Price
  /**
   * The rows, page by page; `failed` hears of calls that are repeated. Throws as `ask` does, and `CONFIG_INVALID` for what
   * costs too much or is no SELECT, which is not run.
   */
  pages(failed?: (error: unknown) => void): AsyncGenerator<readonly Row[]>
}

/** Bytes: about 0.60 USD. */
const MOST_BYTES = 100e9

const NAMES: OptionNames = {
  cap: '--max-bytes',
  columns: '--columns',
  keyFile: '--key-file',
  table: '--table',
  project: '--project',
  query: 'the SQL of the query'
}

/**
 * Prepares a query, free of charge. Throws `CONFIG_INVALID` where the question or the table is wrong,
 * `CREDENTIALS_REFUSED` and `CONNECT_FAILED`.
 */
export async function ask(question: Question, asker: Asker, signal: AbortSignal): Promise<Answer> {
  const project = asker.project ?? process.env.GOOGLE_CLOUD_PROJECT
  if (!project) throw wrong('no Google Cloud project is named', 'Set --project or GOOGLE_CLOUD_PROJECT to your own.')
  const table = 'sql' in question ? undefined : tableOf(question.table)
  const place = table?.path ?? `project ${project}`
  const failure = (error: unknown) => bigqueryError(error, place, project, NAMES)
  try {
    const service = await openService('bigquery', asker, process.cwd(), place)
    const query = new Query(service, project, await statementOf(question, table, service, signal))
    const price = await query.price(signal)
    const most = asker.mostBytes ?? MOST_BYTES
    return {
      price,
      async *pages(failed = () => {}) {
        check(price, most, place)
        try {
          yield* query.pages(most, signal, { failed, answered: () => {} })
        } catch (error) {
          throw failure(error)
        }
      }
    }
  } catch (error) {
    throw failure(error)
  }
}

async function statementOf(
  question: Question,
  table: Table | undefined,
  service: RestService,
  signal: AbortSignal
): Promise<Statement> {
  if ('sql' in question || table === undefined) return { sql: 'sql' in question ? question.sql : '', parameters: [] }
  const columns = await findTable(service, tableNameOf(table.path), signal)
  if (columns !== undefined) return searchStatement(table, columns, question)
  throw wrong(
    `there is no table ${table.path}`,
    'Name one with --table: dataset.table of Pitt-Google, or project.dataset.table.'
  )
}

function check({ bytes, kind }: Price, most: number, place: string): void {
  if (kind !== undefined && kind !== 'SELECT') {
    throw wrong(`${place}: that is no query but a ${kind}, which is not run`, 'Write one SELECT.')
  }
  if (bytes !== undefined && bytes > most) {
    throw wrong(
      `${place}: it would read ${costOf(bytes)}, and may read ${costOf(most)}`,
      'Name fewer --columns, or raise --max-bytes; conditions and --limit do not make it cheaper.'
    )
  }
}

function tableOf(text: string | undefined): Table {
  const table = text === undefined ? USUAL_TABLE : readTablePath(text)
  if (table !== undefined) return table
  throw wrong(
    `"${text}" is no name of a table`,
    'Write dataset.table for one of Pitt-Google, or project.dataset.table.'
  )
}

function wrong(message: string, remedy: string): AlertStreamsError {
  return new AlertStreamsError('CONFIG_INVALID', message, { remedy })
}
