import {
  anyNumber,
  anyText,
  between,
  filledText,
  flag,
  isFilled,
  isThere,
  listOf,
  notNull,
  oneOf,
  optional,
  record,
  required
} from './checks.ts'
import { dateText, declination, rightAscension } from './quantities.ts'

const angleUnits = notNull(oneOf(['degrees', 'mas', 'arcsec', 'arcmin']))
export const periodUnits = notNull(oneOf(['Days', 'Months', 'Years']))
export const position = {
  ra_error: optional(anyNumber),
  dec_error: optional(anyNumber),
  ra_error_units: angleUnits,
  dec_error_units: angleUnits
}

export const reference = record(
  { source: optional(anyText), citation: optional(anyText), url: optional(anyText) },
  ({ source, citation, url }, at) => {
    if (isFilled(source) !== isFilled(citation))
      at(isFilled(source) ? 'citation' : 'source', 'source and citation go together.')
    else if (!isFilled(url) && !isFilled(source)) at('url', 'url, or source and citation, are required.')
    const isUuid = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(String(citation))
    if (String(source).toLowerCase() === 'hop_uuid' && !isUuid) at('citation', 'hop_uuid needs the uuid of a message.')
  }
)

/** What is sent as JSON cannot bring a file with it. */
export const files = optional(
  listOf(record({ name: required(filledText), description: optional(anyText), url: required(filledText) }))
)

const degrees360 = required(between(0, 360))
const orbit = record(
  {
    epoch_of_elements: required(dateText),
    orbital_inclination: required(between(0, 180)),
    longitude_of_the_ascending_node: degrees360,
    argument_of_the_perihelion: degrees360,
    eccentricity: required(between(0, Number.POSITIVE_INFINITY)),
    semimajor_axis: optional(anyNumber),
    mean_anomaly: optional(between(0, 360)),
    perihelion_distance: optional(anyNumber),
    epoch_of_perihelion: optional(dateText)
  },
  (row, at) => {
    const has = (...names: readonly string[]) => names.every((name) => isThere(row[name]))
    if (!has('semimajor_axis', 'mean_anomaly') && !has('perihelion_distance', 'epoch_of_perihelion'))
      at(
        isThere(row.semimajor_axis) ? 'mean_anomaly' : 'semimajor_axis',
        'semimajor_axis and mean_anomaly, or perihelion_distance and epoch_of_perihelion, are required; 0 counts as absent.'
      )
  }
)

const discovery = record({
  date: optional(anyText),
  reporting_group: optional(anyText),
  discovery_source: optional(anyText),
  transient_type: optional(
    oneOf([
      'PSN - Possible SN',
      'NUC - Possibly nuclear',
      'PNV - Possible Nova',
      'AGN - Known AGN',
      'FRB - Fast Radio Burst event',
      'Other - Undefined'
    ])
  ),
  proprietary_period: optional(anyNumber),
  proprietary_period_units: periodUnits,
  nondetection_source: optional(anyText),
  nondetection_comments: optional(anyText)
})

export const target = record(
  {
    name: required(filledText),
    ra: optional(rightAscension),
    dec: optional(declination),
    ...position,
    pm_ra: optional(anyNumber),
    pm_dec: optional(anyNumber),
    epoch: optional(dateText),
    new_discovery: optional(flag),
    orbital_elements: optional(orbit),
    discovery_info: optional(discovery),
    distance: optional(anyNumber),
    distance_error: optional(anyNumber),
    distance_units: notNull(oneOf(['cm', 'm', 'km', 'pc', 'kpc', 'Mpc', 'Gpc', 'ly', 'au'])),
    redshift: optional(anyNumber),
    host_redshift: optional(anyNumber),
    host_name: optional(anyText),
    aliases: optional(listOf(filledText)),
    group_associations: optional(listOf(filledText)),
    file_info: files,
    comments: optional(anyText)
  },
  ({ ra, dec, orbital_elements }, at) => {
    if (isFilled(ra) !== isFilled(dec)) at(isFilled(ra) ? 'dec' : 'ra', 'ra and dec go together.')
    else if (!isFilled(ra) && !isFilled(orbital_elements)) at('ra', 'ra and dec, or orbital_elements, are required.')
  }
)
