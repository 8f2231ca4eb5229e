import { createHash } from 'node:crypto'
import { bigqueryError } from '../bigquery/errors.ts'
import { type DatabaseOptions, databaseFields, wishOf } from '../bigquery/fields.ts'
import { costOf, type Price, Query } from '../bigquery/query.ts'
import { statementOf } from '../bigquery/statement.ts'
import type { Row } from '../bigquery/values.ts'
import { stringifyJson } from '../codecs/json-text.ts'
import { makeCodec } from '../codecs/option.ts'
import type { Message } from '../contract/alert.ts'
import type { Codec } from '../contract/codec.ts'
import { AlertStreamsError, reasonOf } from '../contract/errors.ts'
import type { AlertStream, Delivery, StreamSetup } from '../contract/stream.ts'
import { bestKey } from '../contract/topics.ts'
import { openService } from '../google/service.ts'
import { projectOf } from '../google/source.ts'
import { before } from '../google/waiting.ts'

/** Milliseconds. */
const CONNECT = 30_000

/**
 * The rows of one query in the order in which BigQuery gives them; then it ends. It remembers nothing: each run asks, and
 * pays, again.
 */
export class PittGoogleDatabaseStream implements AlertStream {
  static readonly doc = "Rows of a BigQuery table, of Pitt-Google's or any other, as alerts in JSON; then it ends."
  static readonly fields = databaseFields
  static readonly tomNames = ['tom_pittgoogle.broker_database_python.BrokerDatabasePython']

  static reads(options: DatabaseOptions): undefined {
    statementOf(wishOf(options))
  }

  static logName({ TABLE }: DatabaseOptions): string {
    return TABLE.path
  }

  readonly codec: Codec
  readonly #options: DatabaseOptions
  readonly #setup: StreamSetup
  readonly #project: string
  readonly #place: string
  #query: Query | undefined
  #lastAck: Date | undefined

  constructor(options: DatabaseOptions, setup: StreamSetup) {
    this.#options = options
    this.#setup = setup
    this.codec = makeCodec('json', setup)
    this.#project = projectOf(options.PROJECT, setup.id)
    this.#place = `${setup.id}: ${options.TABLE.path}`
  }

  async connect(signal: AbortSignal): Promise<void> {
    this.#checkTopic()
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(CONNECT)])
    try {
      await before(deadline, this.#connect(deadline))
    } catch (error) {
      const cause = deadline.aborted && !signal.aborted ? new Error(`no answer within ${CONNECT / 1000} s`) : error
      throw bigqueryError(cause, this.#place, this.#project)
    }
  }

  async *read(signal: AbortSignal): AsyncGenerator<readonly Delivery[]> {
    if (this.#query === undefined) return
    const { room, log, note } = this.#setup
    let waiting = false
    const heard = {
      failed: (error: unknown) => {
        if (!waiting) note({ kind: 'waiting', reason: reasonOf(error) })
        waiting = true
      },
      answered: () => {
        if (waiting) note({ kind: 'reading' })
        waiting = false
      }
    }
    let count = 0
    try {
      for await (const rows of this.#query.pages(this.#options.MAX_BYTES_BILLED, signal, heard)) {
        let batch: Delivery[] = []
        for (const row of rows) {
          const delivery = this.#delivery(row)
          while (!signal.aborted && !room.admit(delivery.message.size)) {
            if (batch.length > 0) yield batch
            batch = []
            await room.wait(signal)
          }
          if (signal.aborted) break
          batch.push(delivery)
          count++
        }
        if (batch.length > 0) yield batch
        if (signal.aborted) return
      }
    } catch (error) {
      if (signal.aborted) return
      throw bigqueryError(error, this.#place, this.#project)
    }
    log.info(`${this.#options.TABLE.path}: ${count} rows were read`)
  }

  held(): undefined {}

  async close(): Promise<void> {
    if (this.#lastAck) this.#setup.note({ kind: 'committed', at: this.#lastAck })
    this.#lastAck = undefined
  }

  #checkTopic(): void {
    const { name } = this.#options.TABLE
    if (bestKey(name, this.#setup.topics) !== undefined) return
    throw new AlertStreamsError('CONFIG_INVALID', `${this.#place}: no key of TOPIC_HANDLERS takes ${name}`, {
      remedy: `Name it there, as in  TOPIC_HANDLERS: { ${name}: log }, or '*'.`
    })
  }

  async #connect(signal: AbortSignal): Promise<void> {
    const { id, baseDir } = this.#setup
    const service = await openService('bigquery', this.#options, baseDir, id)
    const query = new Query(service, this.#project, statementOf(wishOf(this.#options)))
    signal.throwIfAborted()
    this.#checkPrice(await query.price(signal))
    this.#query = query
  }

  #checkPrice({ bytes, kind }: Price): void {
    const { MAX_BYTES_BILLED, TABLE } = this.#options
    if (kind !== undefined && kind !== 'SELECT') {
      throw new AlertStreamsError('CONFIG_INVALID', `${this.#place}: WHERE makes a ${kind} of the query`, {
        remedy: 'Let WHERE be one condition.'
      })
    }
    if (bytes === undefined) return
    if (bytes > MAX_BYTES_BILLED) {
      const more = `the query would read ${costOf(bytes)}, and MAX_BYTES_BILLED is ${MAX_BYTES_BILLED} bytes`
      throw new AlertStreamsError('CONFIG_INVALID', `${this.#place}: ${more}`, {
        remedy: 'Name fewer COLUMNS, or raise MAX_BYTES_BILLED; WHERE and MAX_RESULTS do not make it cheaper.'
      })
    }
    this.#setup.log.info({ bytes }, `${TABLE.path}: the query reads ${costOf(bytes)}`)
  }

  #delivery(row: Row): Delivery {
    const { name } = this.#options.TABLE
    const bytes = Buffer.from(stringifyJson(row))
    // Rows have no name of their own, and come in another order another time.
    const id = `${name}/${createHash('sha256').update(bytes).digest('hex').slice(0, 20)}`
    const message: Message = {
      topic: name,
      id,
      partition: undefined,
      offset: undefined,
      key: null,
      headers: [],
      publishedAt: undefined,
      bytes,
      size: bytes.length
    }
    return {
      message,
      partition: name,
      stale: false,
      ack: () => {
        this.#lastAck = new Date()
      },
      nack: () => {}
    }
  }
}
