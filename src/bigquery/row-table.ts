import type { Logger } from '../contract/log.ts'
import { RestError, type RestService } from '../google/rest.ts'
import { Status } from '../google/status.ts'
import { before } from '../google/waiting.ts'
import { insertAll, isTooLarge, type Line, requestsOf } from './insert.ts'
import { fitAll, namesIn, type PlacedRow } from './placed-row.ts'
import { RowShape } from './row-shape.ts'
import { findTable, type TableName } from './tables.ts'
import { targetError } from './target-error.ts'

export interface RowTableSetup {
  readonly service: RestService
  readonly name: TableName
  /** Seconds for one request. */
  readonly timeout: number
  readonly log: Logger
}

/** Milliseconds: the columns that something did not fit into are looked at again after so long. */
const LOOK_AGAIN = 60_000

/** A table that rows are streamed into. Its own columns say what a row looks like. */
export class RowTable {
  readonly #setup: RowTableSetup
  readonly #place: string
  /** Fields of which it was said that they have no column. */
  readonly #said = new Set<string>()
  #shape: RowShape | undefined
  #lookedAt = 0

  constructor(setup: RowTableSetup) {
    const { project, dataset, table } = setup.name
    this.#setup = setup
    this.#place = `BigQuery, table ${project}.${dataset}.${table}`
  }

  /** Looks at the columns. Throws `SINK_UNAVAILABLE`. */
  async open(signal: AbortSignal): Promise<void> {
    const { service, name } = this.#setup
    const columns = await this.#try(signal, (until) => findTable(service, name, until))
    if (columns === undefined) throw targetError(new RestError('there is no such table', Status.NOT_FOUND), this.#place)
    this.#shape = new RowShape(columns)
    this.#lookedAt = Date.now()
  }

  /** Resolves when each row is `written`, or `refused` says why not. Throws `SINK_UNAVAILABLE`. */
  async insert(rows: readonly PlacedRow[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#shape === undefined) await this.open(signal)
    const open = rows.filter(({ written }) => !written)
    let fitted = fitAll(open, this.#shape!)
    if (!fitted.exactly && Date.now() - this.#lookedAt > LOOK_AGAIN) {
      await this.open(signal)
      fitted = fitAll(open, this.#shape!)
    }
    this.#say(fitted.leftOut)
    for (const request of requestsOf(fitted.lines)) await this.#send(request, signal)
  }

  /** Once for each field. */
  #say(leftOut: ReadonlySet<string>): void {
    const fresh = [...leftOut].filter((path) => !this.#said.has(path))
    if (fresh.length === 0) return
    for (const path of fresh) this.#said.add(path)
    this.#setup.log.warn({ fields: fresh }, `${this.#place} has no column for ${namesIn(fresh)}: left out`)
  }

  async #send(lines: readonly Line<PlacedRow>[], signal: AbortSignal, shapeIsNew = false): Promise<void> {
    const outcome = await this.#insertAll(lines, signal)
    if (outcome === 'too large') {
      if (lines.length === 1) lines[0]!.row.refused = 'it is larger than BigQuery takes'
      const half = Math.ceil(lines.length / 2)
      if (lines.length > 1) {
        await this.#send(lines.slice(0, half), signal, shapeIsNew)
        await this.#send(lines.slice(half), signal, shapeIsNew)
      }
      return
    }
    const again = new Set(outcome.again.map(({ row }) => row))
    const refused = new Map(outcome.refused.map(({ row, reason }) => [row, reason]))
    for (const { row } of lines) {
      row.refused = refused.get(row)
      row.written = row.refused === undefined && !again.has(row)
    }
    if (again.size === lines.length) throw targetError(new Error(outcome.again[0]!.reason), this.#place)
    // Somebody has taken a column away.
    const outdated = shapeIsNew ? [] : [...refused.keys()].filter((row) => /no such field/i.test(row.refused!))
    if (outdated.length > 0) await this.open(signal)
    const rest = [...lines.filter(({ row }) => again.has(row)), ...fitAll(outdated, this.#shape!).lines]
    if (rest.length > 0) await this.#send(rest, signal, shapeIsNew || outdated.length > 0)
  }

  async #insertAll(lines: readonly Line<PlacedRow>[], signal: AbortSignal) {
    return this.#try(signal, (until) =>
      insertAll(this.#setup.service, this.#setup.name, lines, until).catch((error: unknown) => {
        if (isTooLarge(error)) return 'too large' as const
        throw error
      })
    )
  }

  async #try<T>(signal: AbortSignal, action: (until: AbortSignal) => Promise<T>): Promise<T> {
    const { timeout } = this.#setup
    const until = AbortSignal.any([signal, AbortSignal.timeout(timeout * 1000)])
    try {
      // Tokens come from elsewhere, and know no signal.
      return await before(until, action(until))
    } catch (error) {
      signal.throwIfAborted()
      const cause = until.aborted ? new Error(`no answer within ${timeout} s`) : error
      throw targetError(cause, this.#place)
    }
  }
}
