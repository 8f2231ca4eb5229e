import { stringifyJson } from '../codecs/json-text.ts'
import { type Fields, numberOf, recordOf } from '../tom/fields.ts'
import type { RequestFailed } from './answer.ts'
import type { TomClient } from './client.ts'
import type { Datum } from './datum.ts'

/** What became of a datum. */
export type Outcome =
  | { readonly kind: 'written' }
  /** There is no such target any more, or our user may not change it. */
  | { readonly kind: 'no target' }
  | { readonly kind: 'refused'; readonly said: string }
  /** The TOM fails at it. */
  | { readonly kind: 'failed'; readonly error: RequestFailed }

/** Reduced data of one TOM. Writing a datum that it has writes nothing. */
export class ReducedData {
  readonly #client: TomClient
  /** From version 3 on a TOM has columns for what stands in `value`, and none of them takes an empty text for a number. */
  #hasColumns = false

  constructor(client: TomClient) {
    this.#client = client
  }

  /** What the TOM has of a target. */
  async of(target: number, signal: AbortSignal): Promise<readonly Fields[]> {
    return this.#client.list('reduceddatums/', { target__id: String(target), data_type: 'photometry' }, signal)
  }

  async write(datum: Datum, target: number, signal: AbortSignal): Promise<Outcome> {
    const outcome = await this.#post(this.#hasColumns ? withoutEmpty(datum) : datum, target, signal)
    if (outcome.kind !== 'failed' && outcome.kind !== 'refused') return outcome
    // It may be there already: up to version 3.0 a TOM fails at that.
    if ((await this.of(target, signal)).some((one) => isSame(one, datum))) return { kind: 'written' }
    const filled = withoutEmpty(datum)
    if (
      outcome.kind === 'refused' ||
      this.#hasColumns ||
      Object.keys(filled.value).length === Object.keys(datum.value).length
    )
      return outcome
    const second = await this.#post(filled, target, signal)
    if (second.kind === 'written') this.#hasColumns = true
    return second
  }

  async #post(datum: Datum, target: number, signal: AbortSignal): Promise<Outcome> {
    const body = { target, data_product: null, ...datum }
    const answer = await this.#client.post('reduceddatums/', body, 'target', signal)
    if (answer.kind === 'done') return { kind: 'written' }
    if (answer.kind === 'failed') return answer
    if (/\btarget: .*does not exist/.test(answer.said)) return { kind: 'no target' }
    return answer
  }
}

function withoutEmpty(datum: Datum): Datum {
  const filled = Object.entries(datum.value).filter(([, value]) => value !== '' && value !== null)
  return { ...datum, value: Object.fromEntries(filled) }
}

/** Whether a TOM would take them for one; it gives its data either as they came or by its columns. */
export function isSame(one: Fields, { timestamp, value }: Datum): boolean {
  if (microseconds(one.timestamp) !== microseconds(timestamp)) return false
  const its = recordOf(one.value) ?? {}
  if ('bandpass' in its) {
    return (
      its.bandpass === value.filter &&
      (its.instrument ?? '') === (value.instrument ?? '') &&
      numberOf(its.brightness) === numberOf(value.magnitude)
    )
  }
  const names = Object.keys(its)
  return (
    names.length === Object.keys(value).length &&
    names.every((name) => name in value && stringifyJson(its[name]) === stringifyJson(value[name]))
  )
}

/** Since 1970, of ISO 8601 with an offset; as text, since a number does not hold them all. */
function microseconds(time: unknown): string {
  const text = String(time)
  const digits = /\.(\d+)/.exec(text)?.[1] ?? ''
  const seconds = Math.floor(Date.parse(text.replace(/\.\d+/, '')) / 1000)
  return `${seconds}.${digits.padEnd(6, '0').slice(0, 6)}`
}
