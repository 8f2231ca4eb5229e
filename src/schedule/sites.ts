/** A place on Earth. */
export interface Site {
  /** Degrees, north positive. */
  readonly latitude: number
  /** Degrees, east positive. */
  readonly longitude: number
  /** Metres above sea level. */
  readonly elevation: number
}

/** Sites that have a name in SCHEDULE. */
export const sites = {
  palomar: { latitude: 33.3563, longitude: -116.865, elevation: 1712 },
  rubin: { latitude: -30.2446, longitude: -70.7494, elevation: 2663 }
} as const satisfies Readonly<Record<string, Site>>
