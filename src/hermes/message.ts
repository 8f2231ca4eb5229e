/**
 * A message as Hermes takes it, and as it stands on a Hopskotch topic. What a row has no field for Hermes drops without
 * a word; what is private goes under a key of its own in `data`, 64-bit ids as text.
 */
export interface HermesMessage {
  readonly topic?: string
  readonly title: string
  readonly submitter: string
  readonly authors?: string
  readonly message_text?: string
  readonly data?: HermesData
  readonly submit_to_tns?: boolean
  readonly submit_to_mpc?: boolean
  readonly submit_to_gcn?: boolean
}

export interface HermesData {
  readonly references?: readonly HermesReference[]
  /** As a superevent's: `S230518h`. */
  readonly event_id?: string
  readonly targets?: readonly HermesTarget[]
  readonly photometry?: readonly HermesPhotometry[]
  readonly spectroscopy?: readonly Readonly<Record<string, unknown>>[]
  readonly astrometry?: readonly Readonly<Record<string, unknown>>[]
  readonly [own: string]: unknown
}

export interface HermesReference {
  readonly source?: string
  readonly citation?: string
  readonly url?: string
}

export interface HermesTarget {
  /** Rows refer to it by exactly this text. */
  readonly name: string
  /** Degrees, ICRS, as numbers: text with colons is read as hours, declinations too. */
  readonly ra?: number
  readonly dec?: number
  /** arcsec/year. */
  readonly pm_ra?: number
  readonly pm_dec?: number
  /** Julian year as text; Hermes takes 2000.0 where it is left out. */
  readonly epoch?: string
  readonly new_discovery?: boolean
  readonly aliases?: readonly string[]
  readonly comments?: string
  readonly orbital_elements?: HermesOrbit
}

/** Angles in degrees, distances in au, times MJD. */
export interface HermesOrbit {
  readonly epoch_of_elements: number
  readonly orbital_inclination: number
  readonly longitude_of_the_ascending_node: number
  readonly argument_of_the_perihelion: number
  readonly eccentricity: number
  readonly semimajor_axis?: number
  readonly mean_anomaly?: number
  readonly perihelion_distance?: number
  readonly epoch_of_perihelion?: number
}

export type BrightnessUnit = (typeof brightnessUnits)[number]
export const brightnessUnits = ['AB mag', 'Vega mag', 'mJy', 'erg / s / cm² / Å'] as const

export interface HermesPhotometry {
  readonly target_name: string
  /** ISO 8601 in UTC, or a JD or MJD. */
  readonly date_obs: string | number
  /** At least one of the two. */
  readonly telescope?: string | null
  readonly instrument?: string | null
  readonly bandpass: string
  /** In `brightness_unit`; 0 counts as left out, and then `limiting_brightness` is needed. */
  readonly brightness?: number
  readonly brightness_error?: number
  readonly brightness_unit?: BrightnessUnit
  /** In `limiting_brightness_unit`. */
  readonly limiting_brightness?: number
  readonly limiting_brightness_error?: number
  readonly limiting_brightness_unit?: BrightnessUnit
  /** Seconds. */
  readonly exposure_time?: number
  readonly comments?: string
}
