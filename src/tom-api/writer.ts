import { AlertStreamsError } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import type { Rejection } from '../contract/sink.ts'
import { RequestFailed } from './answer.ts'
import type { TomClient } from './client.ts'
import { isSame, type Outcome, ReducedData } from './data.ts'
import type { Datum } from './datum.ts'
import { LeftOut } from './left-out.ts'
import type { Report } from './reports.ts'
import { type Matching, Targets } from './targets.ts'

/** A TOM that fails at one message so often, and takes others meanwhile, will never take it. */
const MOST_FAILURES = 5

/** Writes reports, one after the other, and each datum once. */
export class Writer {
  readonly #targets: Targets
  readonly #data: ReducedData
  readonly #create: boolean
  readonly #leftOut: LeftOut
  readonly #nameless: LeftOut
  #taken = 0

  constructor(client: TomClient, matching: Matching, log: Logger) {
    this.#targets = new Targets(client, matching)
    this.#data = new ReducedData(client)
    this.#create = matching.create
    const advice = matching.create ? ', and no message tells its place' : '; CREATE_TARGETS: true makes one'
    this.#leftOut = new LeftOut(log, (objects) => `the TOM has no target for ${objects}${advice}`)
    this.#nameless = new LeftOut(log, () => 'a TOM has no place for what names no object')
  }

  async write(batch: readonly Report[], signal: AbortSignal): Promise<readonly Rejection[]> {
    signal.throwIfAborted()
    for (const report of batch) if (report.state === 'open') await this.#settle(report, signal)
    return batch.flatMap(({ state, reason = '' }, index) =>
      state === 'refused' ? [{ index, code: 'SINK_REJECTED', reason }] : []
    )
  }

  close(): void {
    this.#leftOut.say()
    this.#nameless.say()
  }

  async #settle(report: Report, signal: AbortSignal): Promise<void> {
    try {
      await this.#writeOne(report, signal)
      report.state = 'done'
    } catch (error) {
      report.reason = this.#refusalIn(error, report)
      if (report.reason === undefined) throw error
      report.state = 'refused'
    }
  }

  /** Why it will never be taken; undefined where that is not known. */
  #refusalIn(error: unknown, report: Report): string | undefined {
    if (error instanceof AlertStreamsError && error.code === 'SINK_REJECTED') return error.message
    if (!(error instanceof RequestFailed)) return undefined
    if (report.failures++ === 0) report.takenBefore = this.#taken
    if (report.failures < MOST_FAILURES || this.#taken === report.takenBefore) return undefined
    return `the TOM failed ${report.failures} times at ${report.object?.name}, and took others meanwhile`
  }

  async #writeOne(report: Report, signal: AbortSignal): Promise<void> {
    const { object, data } = report
    if (object === undefined) return this.#nameless.count('')
    // Of a target alone nothing is written where it is known, or must not be made.
    if (data.length === 0 && !this.#create) return
    const id = await this.#targets.idOf(object, signal)
    if (id === undefined) return this.#leftOut.count(object.name)
    // Without a brightness a TOM from version 3 on does not see that it has a datum.
    const isDoubtful = data.length - report.written > 1 || data.some(({ value }) => value.flux !== undefined)
    const there = isDoubtful ? await this.#data.of(id, signal) : []
    for (const datum of data.slice(report.written)) {
      if (!there.some((one) => isSame(one, datum))) await this.#writeDatum(report, datum, id, signal)
      report.written++
    }
  }

  async #writeDatum(report: Report, datum: Datum, id: number, signal: AbortSignal): Promise<void> {
    const { object } = report
    let outcome = await this.#data.write(datum, id, signal)
    if (outcome.kind === 'no target' && object !== undefined) {
      this.#targets.forget(object)
      const other = await this.#targets.idOf(object, signal)
      if (other === undefined) return this.#leftOut.count(object.name)
      if (other !== id) outcome = await this.#data.write(datum, other, signal)
    }
    this.#judge(report, outcome)
  }

  #judge(report: Report, outcome: Outcome): void {
    const name = report.object?.name
    switch (outcome.kind) {
      case 'written':
        this.#taken++
        return
      case 'refused':
        throw rejected(`the TOM refused photometry of ${name}: ${outcome.said}`)
      case 'no target':
        throw rejected(`the user of the TOM may not change its target ${name}: it takes the permission change_target`)
      case 'failed':
        throw outcome.error
    }
  }
}

function rejected(reason: string): AlertStreamsError {
  return new AlertStreamsError('SINK_REJECTED', reason)
}
