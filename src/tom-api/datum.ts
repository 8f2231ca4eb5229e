import type { Row } from '../database/values.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import { type Fields, nameOf, numberOf, recordOf } from '../tom/fields.ts'
import { dateOfMjd, magnitudeErrorOf, magnitudeOf, rounded } from '../tom/quantities.ts'
import { fromJson } from './object.ts'

/**
 * One measurement as a TOM takes it. A TOM tells data apart by time and the whole `value`: the same measurement has the
 * same digits and the same order of keys whenever it is made.
 */
export interface Datum {
  readonly data_type: 'photometry'
  readonly source_name: string
  readonly source_location: string
  /** ISO 8601, UTC. */
  readonly timestamp: string
  readonly value: Fields
}

/** Of a row of `photometry`. Throws `SINK_REJECTED`. */
export function datumOf({ columns }: Row, source: string): Datum {
  const extra = recordOf(fromJson(columns.extra)) ?? {}
  const timestamp = nameOf(extra.timestamp) ?? dateOfMjd(numberOf(columns.mjd))?.toISOString()
  if (timestamp === undefined) throw rejected('a row of photometry needs mjd for a TOM')
  const value = recordOf(extra.value) ?? measuredValue(columns)
  if (nameOf(value.filter) === null) throw rejected('a row of photometry needs filter for a TOM')
  return {
    data_type: 'photometry',
    source_name: source,
    source_location: nameOf(extra.source_location) ?? nameOf(columns.alert_id) ?? '',
    timestamp,
    value
  }
}

function measuredValue(columns: Fields): Fields {
  const { error, ...brightness } = brightnessOf(columns)
  return {
    error: error ?? '',
    filter: columns.filter ?? '',
    telescope: columns.telescope ?? '',
    instrument: columns.instrument ?? '',
    ...brightness
  }
}

/**
 * A magnitude where there is one, of the object or of what was added to it. What has become fainter than the reference,
 * and a flux that is not positive, is a flux: a magnitude would be read as the object's.
 */
function brightnessOf(columns: Fields): Fields {
  const of = (name: string) => numberOf(columns[name])
  const [magnitude, magnitudeError, limit] = [of('magnitude'), of('magnitude_error'), of('magnitude_limit')]
  const [flux, fluxError] = [of('flux'), of('flux_error')]
  const unit = nameOf(columns.unit) ?? 'AB'
  if (magnitude !== null && columns.sign !== -1) return { error: magnitudeError, unit, magnitude }
  if (magnitude !== null) {
    const faded = 10 ** ((31.4 - magnitude) / 2.5)
    const sigma = magnitudeError === null ? null : rounded((faded * magnitudeError * Math.LN10) / 2.5, 3)
    return { error: sigma, unit: 'nJy', flux: rounded(-faded, 3) }
  }
  if (flux !== null && unit === 'nJy' && flux > 0)
    return { error: magnitudeErrorOf(flux, fluxError), unit: 'AB', magnitude: magnitudeOf(flux) }
  if (flux !== null) return { error: fluxError, unit, flux }
  if (limit !== null) return { error: null, unit: unit === 'nJy' ? 'AB' : unit, limit }
  throw rejected('a row of photometry needs a magnitude, a flux or a limit')
}

function rejected(reason: string): AlertStreamsError {
  return new AlertStreamsError('SINK_REJECTED', reason)
}
