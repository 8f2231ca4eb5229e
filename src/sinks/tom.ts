import { contentOf, isRow } from '../database/content.ts'
import { alertRows, handlerRow } from '../database/rows.ts'
import type { Row } from '../database/values.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import type { Outgoing, Rejection, Sink, SinkSetup, Source } from '../contract/sink.ts'
import { stringifyJson } from '../codecs/json-text.ts'
import { type TomAccess, TomClient } from '../tom-api/client.ts'
import { type Datum, datumOf } from '../tom-api/datum.ts'
import { bareObject, objectOf, type SkyObject } from '../tom-api/object.ts'
import { type Report, Writer } from '../tom-api/writer.ts'
import { simplifiedName } from '../tom/matching.ts'
import { nameOf } from '../tom/fields.ts'
import { checkOptions, tomFields, type TomSinkOptions } from './tom-options.ts'

/** Characters of a name in a TOM. */
const LONGEST = 100

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
  readonly #options: TomSinkOptions
  readonly #client: TomClient
  readonly #writer: Writer
  /** The objects of which one source message has spoken, by name and alias: what comes after may give the name alone. */
  readonly #spokenOf = new WeakMap<object, Map<string, SkyObject>>()

  constructor(options: TomSinkOptions, { log }: SinkSetup) {
    checkOptions(options)
    this.#options = options
    this.#client = new TomClient(accessOf(options))
    const { RADIUS: radius, CREATE_TARGETS: create, TARGET_LIST: list } = options
    this.#writer = new Writer(this.#client, { radius, create, list }, log)
  }

  connect(signal: AbortSignal): Promise<void> {
    return this.#client.connect(signal)
  }

  place(outgoing: Outgoing, source: Source): Report {
    if (source.failure !== undefined) throw rejected('a TOM has no place for dead letters')
    const rows = this.#rowsOf(outgoing, source)
    const target = rows.find(({ table }) => table === 'targets')
    const measured = rows.filter(({ table }) => table === 'photometry')
    const object = this.#objectOf(target, measured[0], source)
    const data = measured.map((row) => datumOf(row, this.#sourceOf(row, source)))
    const bytes = sizeOf(object, data)
    return {
      target: object === undefined ? 'no object' : simplifiedName(object.name),
      bytes,
      extraBytes: bytes,
      object,
      data,
      state: 'open',
      written: 0,
      reason: undefined,
      failures: 0,
      takenBefore: 0
    }
  }

  write(batch: readonly Report[], signal: AbortSignal): Promise<readonly Rejection[]> {
    return this.#writer.write(batch, signal)
  }

  async close(): Promise<void> {
    this.#writer.close()
  }

  #rowsOf({ topic, value }: Outgoing, source: Source): readonly Row[] {
    const { message } = source
    if (isRow(value)) return [handlerRow(source, topic ?? message.topic, value.table, value.row)]
    const content = contentOf(value, source, 'none')
    const history = this.#options.HISTORY
    return alertRows(source, { topic: topic ?? message.topic, fallbackId: message.id, history, ...content })
  }

  #objectOf(target: Row | undefined, measured: Row | undefined, { message }: Source): SkyObject | undefined {
    const spokenOf = this.#spokenOf.get(message) ?? new Map<string, SkyObject>()
    if (target !== undefined) {
      const object = objectOf(target)
      checkName(object.name)
      for (const name of [...object.aliases, object.name]) spokenOf.set(simplifiedName(name), object)
      this.#spokenOf.set(message, spokenOf)
      return object
    }
    if (measured === undefined) return undefined
    const name = nameOf(measured.columns.target)
    if (name === null) throw rejected('a row of photometry needs target for a TOM')
    checkName(name)
    return spokenOf.get(simplifiedName(name)) ?? bareObject(name)
  }

  #sourceOf({ columns }: Row, { stream }: Source): string {
    return this.#options.SOURCE_NAME ?? nameOf(columns.source) ?? stream
  }
}

function accessOf({ URL: url, USERNAME, PASSWORD, TOKEN, RATE: rate, TIMEOUT: timeout }: TomSinkOptions): TomAccess {
  const basic = Buffer.from(`${USERNAME}:${PASSWORD}`).toString('base64')
  const secrets = [PASSWORD, TOKEN, basic].filter((one) => one !== undefined && one !== '') as string[]
  const login = TOKEN === undefined ? { scheme: 'Basic', credentials: basic } : { scheme: 'Token', credentials: TOKEN }
  return { url, ...(login as Pick<TomAccess, 'scheme' | 'credentials'>), secrets, rate, timeout }
}

function checkName(name: string): void {
  if (name.length > LONGEST)
    throw rejected(`the name of the object has ${name.length} characters: a TOM takes ${LONGEST}`)
}

function sizeOf(object: SkyObject | undefined, data: readonly Datum[]): number {
  return Buffer.byteLength(stringifyJson([object?.fields ?? null, data]))
}

function rejected(reason: string): AlertStreamsError {
  return new AlertStreamsError('SINK_REJECTED', reason)
}
