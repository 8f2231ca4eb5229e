/** What the filter reads of a ZTF alert: null and the survey's -999 as they are in the packet. */
export interface TransientAlert {
  readonly candidate: Sighting & {
    /** The nearest Pan-STARRS source: arcseconds, and 0 (galaxy) to 1 (star). */
    readonly distpsnr1?: number | null
    readonly sgscore1?: number | null
    /** The nearest known solar-system object: arcseconds. */
    readonly ssdistnr?: number | null
  }
  /** The 30 days before, oldest first. */
  readonly prv_candidates?: readonly Sighting[] | null
}

interface Sighting {
  /** Julian date, UTC. */
  readonly jd: number
  /** `t` where it is brighter than the reference image; a number in some copies of the stream; null for a limit. */
  readonly isdiffpos?: string | number | null
}

/** Arcseconds, star score, arcseconds, days. */
const POINT_SOURCE_WITHIN = 1.5
const GALAXY_BELOW = 0.5
const ASTEROID_WITHIN = 5
const STAYS_FOR = 30 / 1440

/**
 * Whether an alert is of a transient outside of our galaxy, by the four cuts of the Pitt-Google broker: brighter than the
 * reference, no star at its place, seen there for half an hour or more, and no known asteroid. NaN is no null: it holds in
 * no comparison. Nor does a missing `sgscore1`, of a neighbour within 1.5 arcseconds.
 *
 * The broker took the detections in the order candidate, then `prv_candidates`, so that the newest came before the
 * oldest: the alert's own detection never counted. That is the default, to agree with what it published. `sorted` takes
 * them by time, and finds transients one detection earlier.
 */
export function isExtragalacticTransient(
  alert: TransientAlert,
  { sorted = false }: { readonly sorted?: boolean } = {}
): boolean {
  return isPositive(alert) && !isOnStar(alert) && !isAsteroid(alert) && staysInPlace(alert, sorted)
}

/** The text `1`, which means the same to ZTF, was never taken. */
function isPositive({ candidate: { isdiffpos } }: TransientAlert): boolean {
  return isdiffpos === 't' || isdiffpos === 1
}

/** Without a Pan-STARRS source within 30 arcseconds both are -999, which is no star. */
function isOnStar({ candidate: { distpsnr1: distance, sgscore1: score } }: TransientAlert): boolean {
  if (distance === null || distance === undefined || distance > POINT_SOURCE_WITHIN) return false
  return !(typeof score === 'number' && score < GALAXY_BELOW)
}

/** -999 is no asteroid. */
function isAsteroid({ candidate: { ssdistnr: distance } }: TransientAlert): boolean {
  return !(distance === null || distance === undefined || distance < 0 || distance > ASTEROID_WITHIN)
}

/** Whether half an hour or more lies between two positive detections that follow each other. */
function staysInPlace({ candidate, prv_candidates }: TransientAlert, sorted: boolean): boolean {
  const seen = [candidate, ...(prv_candidates ?? [])].filter(({ isdiffpos }) => isdiffpos === 't')
  const times = seen.map(({ jd }) => jd)
  if (sorted) times.sort((one, other) => one - other)
  return times.slice(1).some((time, index) => time - times[index]! >= STAYS_FOR)
}
