import { resolve } from 'node:path'
import type { DatabaseTarget } from '../database/database.ts'
import { contentOf, isRow } from '../database/content.ts'
import { PostgresTarget } from '../database/postgres.ts'
import { alertRows, deadLetterRow, handlerRow } from '../database/rows.ts'
import { SqliteTarget } from '../database/sqlite.ts'
import type { Row } from '../database/values.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import { choice, flag, type OptionsOf, path, text } from '../contract/options.ts'
import type { Outgoing, Placed, Rejection, Sink, SinkSetup, Source } from '../contract/sink.ts'

const fields = {
  PATH: path('a SQLite file, made when it is not there; left out, with no URL: alerts.sqlite beside the YAML file'),
  URL: text('a PostgreSQL database instead: postgres://user@host:5432/name, with ?sslmode=require where it wants TLS', {
    secret: true
  }),
  PASSWORD: text('the password of the user in URL', { secret: true }),
  PAYLOAD: choice(
    'what is kept of the payload as JSON: slim: all but bytes, such as cut-outs; whole: bytes too, as base64; none.',
    ['slim', 'whole', 'none'],
    { fallback: 'slim' }
  ),
  HISTORY: flag(
    'earlier measurements of the object that an alert carries go into photometry, too: a month of ZTF, a year of LSST',
    {
      fallback: false
    }
  )
}

type Options = OptionsOf<typeof fields>

interface RowsPlaced extends Placed {
  readonly rows: readonly Row[]
}

/** Rows of a database. What `write` has resolved is committed and synced to disk. */
export class DatabaseSink implements Sink<RowsPlaced> {
  static readonly doc =
    'Writes rows to SQLite or PostgreSQL: alerts, the objects they are of (targets), their photometry, and dead letters. ' +
    'The tables are made and kept up to date here; a message that comes again makes no second row. A handler may return ' +
    "rows of its own: { value: { table: 'photometry', row: { ... } } }. docs/database.md describes the columns."
  static readonly fields = fields

  static writes({ PATH, URL: url, PASSWORD }: Options): undefined {
    const wrong = (message: string, remedy: string) => new AlertStreamsError('CONFIG_INVALID', message, { remedy })
    if (PATH !== undefined && url !== undefined) throw wrong('PATH and URL are both given', 'Remove one of them.')
    if (url === undefined && PASSWORD !== undefined)
      throw wrong('PASSWORD is given without URL', 'Add URL, or remove it.')
    if (url !== undefined && !(/^postgres(ql)?:\/\//.test(url) && URL.canParse(url))) {
      throw wrong('URL is not the address of a PostgreSQL database', 'Write it as postgres://user@host:5432/name')
    }
    return undefined
  }

  readonly readsPayload = true
  readonly #target: DatabaseTarget
  readonly #payload: Options['PAYLOAD']
  readonly #history: boolean
  /** How many rows one source message was made into so far: they need ids of their own. */
  readonly #made = new WeakMap<object, number>()

  constructor({ PATH, URL: url, PASSWORD, PAYLOAD, HISTORY }: Options, { baseDir }: SinkSetup) {
    this.#payload = PAYLOAD
    this.#history = HISTORY
    this.#target =
      url === undefined
        ? new SqliteTarget(resolve(baseDir, PATH ?? 'alerts.sqlite'))
        : new PostgresTarget(url, PASSWORD)
  }

  connect(signal: AbortSignal): Promise<void> {
    return this.#target.connect(signal)
  }

  place(outgoing: Outgoing, source: Source): RowsPlaced {
    const rows = this.#rowsOf(outgoing, source)
    const bytes = rows.reduce((sum, row) => sum + sizeOf(row), 0)
    return { target: 'database', bytes, extraBytes: bytes, rows }
  }

  write(batch: readonly RowsPlaced[], signal: AbortSignal): Promise<readonly Rejection[]> {
    return this.#target.write(
      batch.map(({ rows }) => rows),
      signal
    )
  }

  close(): Promise<void> {
    return this.#target.close()
  }

  #rowsOf(outgoing: Outgoing, source: Source): readonly Row[] {
    if (source.failure !== undefined) return [deadLetterRow(source, source.failure, outgoing)]
    const topic = outgoing.topic ?? source.message.topic
    const { value } = outgoing
    if (isRow(value)) return [handlerRow(source, topic, value.table, value.row)]
    const content = contentOf(value, source, this.#payload)
    return alertRows(source, { topic, fallbackId: this.#idOf(source), history: this.#history, ...content })
  }

  #idOf({ message }: Source): string {
    const count = this.#made.get(message) ?? 0
    this.#made.set(message, count + 1)
    return count === 0 ? message.id : `${message.id}/${count}`
  }
}

/** About what a row takes on its way. */
function sizeOf({ columns }: Row): number {
  return Object.values(columns).reduce<number>(
    (sum, value) => sum + (typeof value === 'string' || value instanceof Uint8Array ? value.length : 8),
    64
  )
}
