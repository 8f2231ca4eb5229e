import {
  anyNumber,
  anyText,
  type Check,
  type Fields,
  filledText,
  isFilled,
  isThere,
  listOf,
  notNull,
  oneOf,
  optional,
  type Report,
  record,
  required
} from './checks.ts'
import { brightnessUnits } from './message.ts'
import { dateText, declination, rightAscension } from './quantities.ts'
import { files, periodUnits, position } from './target-rules.ts'

const observed = { target_name: required(filledText), date_obs: required(dateText) }
const observer = { telescope: optional(anyText), instrument: optional(anyText) }

function hasObserver({ telescope, instrument }: Fields, at: Report): void {
  if (isFilled(telescope) || isFilled(instrument)) return
  for (const name of ['telescope', 'instrument']) at(name, 'Must have at least one of telescope or instrument set')
}

export const photometry = record(
  {
    ...observed,
    ...observer,
    bandpass: required(filledText),
    brightness: optional(anyNumber),
    brightness_error: optional(anyNumber),
    brightness_unit: notNull(oneOf(brightnessUnits)),
    limiting_brightness: optional(anyNumber),
    limiting_brightness_error: optional(anyNumber),
    limiting_brightness_unit: notNull(oneOf(brightnessUnits)),
    exposure_time: optional(anyNumber),
    observer: optional(anyText),
    comments: optional(anyText),
    catalog: optional(anyText)
  },
  (row, at) => {
    if (!isThere(row.brightness) && !isThere(row.limiting_brightness)) {
      const problem = 'brightness or limiting_brightness are required; 0 counts as absent'
      for (const name of ['brightness', 'limiting_brightness']) at(name, problem)
    }
    hasObserver(row, at)
  }
)

export const spectroscopy = record(
  {
    ...observed,
    ...observer,
    setup: optional(anyText),
    exposure_time: optional(anyNumber),
    flux: optional(listOf(anyNumber)),
    flux_error: optional(listOf(anyNumber)),
    flux_units: notNull(oneOf(['mJy', 'erg / s / cm² / Å'])),
    wavelength: optional(listOf(anyNumber)),
    wavelength_units: notNull(oneOf(['Å', 'nm', 'µm', 'Hz', 'GHz', 'THz'])),
    flux_type: notNull(oneOf(['Fλ', 'Flambda', 'Fν', 'Fnu'])),
    classification: optional(anyText),
    proprietary_period: optional(anyNumber),
    proprietary_period_units: periodUnits,
    observer: optional(anyText),
    reducer: optional(anyText),
    spec_type: optional(oneOf(['Object', 'Other', 'Host', 'Synthetic', 'Sky', 'Arcs'])),
    file_info: files,
    comments: optional(anyText)
  },
  (row, at) => {
    const length = (name: string) => (Array.isArray(row[name]) ? row[name].length : 0)
    if (length('flux') === 0 && length('file_info') === 0) at('flux', 'flux or file_info are required.')
    for (const name of ['wavelength', 'flux_error']) {
      const isMissing = name === 'flux_error' && length(name) === 0
      if (!isMissing && length(name) !== length('flux')) at(name, 'Must have the same length as flux.')
    }
    hasObserver(row, at)
  }
)

export const astrometry: Check = record(
  {
    ...observed,
    ...observer,
    ra: required(rightAscension),
    dec: required(declination),
    ...position,
    mpc_sitecode: optional(anyText),
    catalog: optional(anyText),
    comments: optional(anyText)
  },
  hasObserver
)
