import type { HermesRows, ReducedDatum, TargetRow } from './rows.ts'

/** A value that DatabaseSink writes as a row of that table. */
export type TableRow =
  | { readonly table: 'targets'; readonly row: TargetRow }
  | { readonly table: 'photometry'; readonly row: PhotometryRow }

export interface PhotometryRow {
  readonly target: string
  /** UTC. */
  readonly mjd: number
  readonly filter: string
  /** Magnitudes in `unit`: AB or Vega. */
  readonly magnitude?: number
  readonly magnitude_error?: number
  readonly magnitude_limit?: number
  /** nJy where that is the `unit`, else in it. */
  readonly flux?: number
  readonly flux_error?: number
  readonly unit: string
  readonly telescope: string | null
  readonly instrument: string | null
  readonly source: string
  /** The datum as a TOM keeps it, and the uuid of the message that brought it. */
  readonly extra: Pick<ReducedDatum, 'timestamp' | 'source_location' | 'value'> & { readonly message_id: string | null }
}

/** nJy of a mJy. */
const NANO = 1e6
const MAGNITUDES: Readonly<Record<string, string>> = { 'AB mag': 'AB', 'Vega mag': 'Vega' }

/** `id`: of the message, where it is known. */
export function tableRowsOf({ targets, data }: HermesRows, id: string | null): readonly TableRow[] {
  return [
    ...targets.map((row) => ({ table: 'targets', row }) as const),
    ...data.map((datum) => ({ table: 'photometry', row: photometryOf(datum, id) }) as const)
  ]
}

function photometryOf(datum: ReducedDatum, message_id: string | null): PhotometryRow {
  const { target_name, source_name, source_location, timestamp, value } = datum
  return {
    target: target_name,
    mjd: Date.parse(timestamp) / 86_400_000 + 40_587,
    filter: value.filter,
    ...brightnessOf(value),
    telescope: value.telescope || null,
    instrument: value.instrument || null,
    source: source_name,
    extra: { timestamp, source_location, message_id, value }
  }
}

function brightnessOf({ magnitude, limit, error, unit }: ReducedDatum['value']) {
  const [known, sigma] = [MAGNITUDES[unit], error === '' ? undefined : error]
  // A limit has a unit of its own, which a TOM does not keep; nearly all are AB.
  if (magnitude === undefined) return { ...(limit !== undefined && { magnitude_limit: limit }), unit: known ?? 'AB' }
  if (known !== undefined) return { magnitude, ...(sigma !== undefined && { magnitude_error: sigma }), unit: known }
  const factor = unit === 'mJy' ? NANO : 1
  const flux_error = sigma === undefined ? undefined : rounded(sigma * factor)
  const inUnit = unit === 'mJy' ? 'nJy' : unit
  return { flux: rounded(magnitude * factor), ...(flux_error !== undefined && { flux_error }), unit: inUnit }
}

function rounded(value: number): number {
  return Number(value.toPrecision(12))
}
