import type { Measurement, Observation } from '../tom/observation.ts'

/** A point of a light curve, in AB magnitudes of the difference image. */
export interface Point {
  /** Modified Julian date, UTC. ZTF: start of the exposure; LSST: its middle. */
  readonly mjd: number
  readonly band: string
  /** Of the size of the difference, brighter or fainter; null: nothing was seen. */
  readonly magnitude: number | null
  /** 1 sigma. */
  readonly error: number | null
  /** What would have been seen at 5 sigma. */
  readonly limit: number | null
  /** nJy and 1 sigma; null where the survey gives magnitudes alone. */
  readonly flux: number | null
  readonly fluxError: number | null
  /** The object was fainter than in the reference image. */
  readonly negative: boolean
  /** Measured where the object is known to be, whether or not it is seen there. */
  readonly forced: boolean
  /** That of the alert itself. */
  readonly alert: boolean
}

/** Below this many sigma a flux is an upper limit, which is then given at so many. */
const SEEN = 3
const LIMIT = 5

/** The alert's own measurement; undefined where it has none, whatever there was before. */
export function ownOf({ photometry, observedAt }: Observation): Measurement | undefined {
  return photometry.findLast(({ at }) => at.getTime() === observedAt?.getTime())
}

/** Undefined for what says neither how bright it was nor how faint it would have been seen. */
export function pointOf(measured: Measurement, { forced = false, alert = false } = {}): Point | undefined {
  const { at, band, flux, fluxError } = measured
  const common = { mjd: mjdOf(at), band, flux, fluxError, forced, alert }
  if (flux !== null) return { ...common, ...fromFlux(flux, fluxError) }
  const { magnitude, magnitudeError: error, limit, negative } = measured
  if (magnitude === null && limit === null) return undefined
  return { ...common, magnitude, error, limit, negative: negative && magnitude !== null }
}

/** AB magnitudes of a flux in nJy. */
function fromFlux(flux: number, error: number | null): Pick<Point, 'magnitude' | 'error' | 'limit' | 'negative'> {
  const sigma = error !== null && error > 0 ? error : null
  const size = Math.abs(flux)
  const limit = sigma === null ? null : abMagnitude(LIMIT * sigma)
  if (size === 0 || (sigma !== null && size < SEEN * sigma)) {
    return { magnitude: null, error: null, limit, negative: false }
  }
  const magnitudeError = sigma === null ? null : (2.5 / Math.LN10) * (sigma / size)
  return { magnitude: abMagnitude(size), error: magnitudeError, limit, negative: flux < 0 }
}

/** Of a flux in nJy above zero. */
export function abMagnitude(flux: number): number {
  return 31.4 - 2.5 * Math.log10(flux)
}

/** Modified Julian date, UTC. */
export function mjdOf(date: Date): number {
  return date.getTime() / 86_400_000 + 40_587
}

/**
 * By time, one for each band and visit (10 s): what was detected counts before what forced photometry sees there, and
 * both before limits. The alert's own point always stays.
 */
export function lightCurveOf(points: readonly Point[]): readonly Point[] {
  const rank = ({ alert, magnitude, forced }: Point) =>
    alert ? 0 : magnitude !== null ? (forced ? 2 : 1) : forced ? 4 : 3
  const kept: Point[] = []
  for (const point of points.toSorted((one, other) => rank(one) - rank(other))) {
    const isThere = kept.some(({ band, mjd }) => band === point.band && Math.abs(mjd - point.mjd) < 1e-4)
    if (!isThere) kept.push(point)
  }
  return kept.toSorted((one, other) => one.mjd - other.mjd)
}
