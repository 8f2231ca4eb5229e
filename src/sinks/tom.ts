import { contentOf, isRow } from '../database/content.ts'
import { alertRows, handlerRow } from '../database/rows.ts'
import type { Row } from '../database/values.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import type { Outgoing, Rejection, Sink, SinkSetup, Source } from '../contract/sink.ts'
import { type TomAccess, TomClient } from '../tom-api/client.ts'
import { type Report, Reports } from '../tom-api/reports.ts'
import { Writer } from '../tom-api/writer.ts'
import { checkOptions, tomFields, type TomSinkOptions } from './tom-options.ts'

/** Targets and photometry to a running TOM, over its REST interface. */
export class TomSink implements Sink<Report> {
  static readonly doc =
    'Writes targets and photometry into a running TOM (TOM Toolkit 2 or 3), over its REST interface: the rows of the ' +
    'handler `hermes-alert`, rows of your own, and alerts of ZTF, LSST and GCN. An object is the target that has its ' +
    'name or alias, else the nearest one within RADIUS. Targets that are there are never changed, and a message that ' +
    'comes again makes no second datum.'
  static readonly fields = tomFields

  static writes(options: TomSinkOptions): undefined {
    checkOptions(options)
    return undefined
  }

  readonly readsPayload = true
  readonly #history: boolean
  readonly #client: TomClient
  readonly #reports: Reports
  readonly #writer: Writer

  constructor(options: TomSinkOptions, { log }: SinkSetup) {
    checkOptions(options)
    const { RADIUS: radius, CREATE_TARGETS: create, TARGET_LIST: list, HISTORY, SOURCE_NAME } = options
    this.#history = HISTORY
    this.#client = new TomClient(accessOf(options))
    this.#reports = new Reports(SOURCE_NAME)
    this.#writer = new Writer(this.#client, { radius, create, list }, log)
  }

  connect(signal: AbortSignal): Promise<void> {
    return this.#client.connect(signal)
  }

  place(outgoing: Outgoing, source: Source): Report {
    if (source.failure !== undefined)
      throw new AlertStreamsError('SINK_REJECTED', 'a TOM has no place for dead letters')
    return this.#reports.of(this.#rowsOf(outgoing, source), source)
  }

  write(batch: readonly Report[], signal: AbortSignal): Promise<readonly Rejection[]> {
    return this.#writer.write(batch, signal)
  }

  async close(): Promise<void> {
    this.#writer.close()
  }

  #rowsOf({ topic: given, value }: Outgoing, source: Source): readonly Row[] {
    const topic = given ?? source.message.topic
    if (isRow(value)) return [handlerRow(source, topic, value.table, value.row)]
    const content = contentOf(value, source, 'none')
    return alertRows(source, { topic, fallbackId: source.message.id, history: this.#history, ...content })
  }
}

function accessOf({ URL: url, USERNAME, PASSWORD, TOKEN, RATE: rate, TIMEOUT: timeout }: TomSinkOptions): TomAccess {
  const basic = Buffer.from(`${USERNAME}:${PASSWORD}`).toString('base64')
  const secrets = [PASSWORD, TOKEN, basic].filter((one) => one !== undefined && one !== '') as string[]
  const common = { url, secrets, rate, timeout }
  return TOKEN === undefined
    ? { ...common, scheme: 'Basic', credentials: basic }
    : { ...common, scheme: 'Token', credentials: TOKEN }
}
