import { type Fields, isFilled, isRecord, isThere, numberOf, shown } from './checks.ts'
import { utcOf } from './dates.ts'

/** What a TOM keeps of one brightness: its ReducedDatum, before the target is looked up. */
export interface ReducedDatum {
  /** To be compared as a TOM does: see `simplifiedName`. */
  readonly target_name: string
  readonly data_type: 'photometry'
  /** The topic. */
  readonly source_name: string
  readonly source_location: 'Hermes via HOP'
  /** ISO 8601, UTC; to the microsecond where the message says that. */
  readonly timestamp: string
  readonly value: DatumValue
}

/** In the order in which a TOM writes the keys: it tells data apart by the whole value. */
export interface DatumValue {
  readonly error: number | ''
  readonly filter: string
  readonly telescope: string
  readonly instrument: string
  /** As Hermes says it: `AB mag`, `Vega mag`, `mJy`, ... */
  readonly unit: string
  /** In `unit`, a flux too: a TOM converts nothing. */
  readonly magnitude?: number
  /** Instead of a magnitude: how bright it would have had to be. */
  readonly limit?: number
}

/** An object of the message's table. What has no field of its own is in `extra`. */
export interface TargetRow {
  readonly name: string
  readonly type: 'SIDEREAL' | 'NON_SIDEREAL'
  /** Degrees, ICRS. */
  readonly ra?: number
  readonly dec?: number
  /** Julian year. */
  readonly epoch?: number
  /** As in the message: arcsec/yr by Hermes' help, mas/yr where a TOM has sent it. */
  readonly pm_ra?: number
  readonly pm_dec?: number
  readonly aliases?: readonly string[]
  readonly extra?: Fields
}

export interface HermesRows {
  readonly targets: readonly TargetRow[]
  readonly data: readonly ReducedDatum[]
  /** Rows of the message that are neither, and why. */
  readonly skipped: readonly { readonly row: string; readonly reason: string }[]
}

/**
 * Targets and photometry of a Hermes message, as a TOM's handler reads them. Besides, dates that are JD or MJD are read,
 * which a TOM loses. Whoever writes to a topic directly need not keep to Hermes' rules: what cannot be used is skipped,
 * row by row (a TOM's handler throws, or keeps a datum without a brightness); a unit that is missing is AB, null is as
 * good as absent, and a number in text is a number.
 */
export function rowsOf(message: unknown, topic = ''): HermesRows {
  const content = isRecord(message) ? message : {}
  const data = isRecord(content.data) ? content.data : {}
  const source = textOf(content.topic) || topic
  const skipped: { row: string; reason: string }[] = []
  const rows = <Row>(table: string, read: (row: Fields) => Row | string): Row[] =>
    listOf(data[table]).flatMap((one, index) => {
      const row = isRecord(one) ? read(one) : 'it is no record'
      if (typeof row !== 'string') return [row]
      skipped.push({ row: `data.${table}[${index}]`, reason: row })
      return []
    })
  return { targets: rows('targets', targetOf), data: rows('photometry', (row) => datumOf(row, source)), skipped }
}

function targetOf(row: Fields): TargetRow | string {
  const { name, ra, dec, epoch, pm_ra, pm_dec, aliases, ...rest } = row
  const position = { ra: numberOf(ra), dec: numberOf(dec) }
  if (textOf(name) === '') return 'it has no name'
  const isSidereal = position.ra !== undefined && position.dec !== undefined
  if (!isSidereal && !isRecord(row.orbital_elements)) return 'it has neither a position nor orbital elements'
  const others = Object.entries(rest).filter(([, value]) => isFilled(value))
  const numbers = Object.entries({
    ...(isSidereal && position),
    epoch: numberOf(epoch),
    pm_ra: numberOf(pm_ra),
    pm_dec: numberOf(pm_dec)
  })
  return {
    name: textOf(name),
    type: isSidereal ? 'SIDEREAL' : 'NON_SIDEREAL',
    ...Object.fromEntries(numbers.filter(([, value]) => value !== undefined)),
    ...(listOf(aliases).length > 0 && { aliases: listOf(aliases).map(textOf) }),
    ...(others.length > 0 && { extra: Object.fromEntries(others) })
  }
}

function datumOf(row: Fields, source_name: string): ReducedDatum | string {
  const [target_name, filter] = [textOf(row.target_name), textOf(row.bandpass)]
  const timestamp = utcOf(row.date_obs)
  if (target_name === '') return 'it has no target_name'
  if (filter === '') return 'it has no bandpass'
  if (timestamp === null) return `its date_obs is no date: ${shown(row.date_obs)}`
  const brightness = isThere(row.brightness) ? numberOf(row.brightness) : undefined
  const limit = isThere(row.limiting_brightness) ? numberOf(row.limiting_brightness) : undefined
  if (brightness === undefined && limit === undefined) return 'it has neither brightness nor limiting_brightness'
  return {
    target_name,
    data_type: 'photometry',
    source_name,
    source_location: 'Hermes via HOP',
    timestamp,
    value: {
      error: numberOf(row.brightness_error) ?? '',
      filter,
      telescope: textOf(row.telescope),
      instrument: textOf(row.instrument),
      unit: textOf(row.brightness_unit) || 'AB mag',
      ...(brightness === undefined ? { limit: limit ?? 0 } : { magnitude: brightness })
    }
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : ''
}
