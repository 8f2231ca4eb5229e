import type { Measurement, Observation } from '../tom/observation.ts'
import { harmless } from './words.ts'

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
/** Days, about 9 s: what lies no further apart than once or twice this is one visit. */
const VISIT = 1e-4

/** What a limit is called: only the surveys say how many sigma theirs are. */
export function limitName(survey: string, sigma: 'sigma' | 'σ'): string {
  if (survey !== 'ZTF' && survey !== 'LSST') return 'upper limit'
  return sigma === 'σ' ? `${LIMIT}σ limit` : `${LIMIT} sigma limit`
}

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
 * By time, one for each band and visit: what was detected counts before what forced photometry sees there, and
 * both before limits. The alert's own point always stays.
 */
export function lightCurveOf(points: readonly Point[]): readonly Point[] {
  const rank = ({ alert, magnitude, forced }: Point) =>
    alert ? 0 : magnitude !== null ? (forced ? 2 : 1) : forced ? 4 : 3
  const kept = new Map<string, Point>()
  for (const one of points.toSorted((one, other) => rank(one) - rank(other))) {
    const point = { ...one, band: bandName(one.band) }
    const visit = Math.round(point.mjd / VISIT)
    const keys = [visit - 1, visit, visit + 1].map((near) => `${near} ${point.band}`)
    if (!keys.some((key) => kept.has(key))) kept.set(keys[1]!, point)
  }
  return [...kept.values()].toSorted((one, other) => one.mjd - other.mjd)
}

/** Whatever stands there, a word that can be printed. */
function bandName(band: string): string {
  return harmless(band).replaceAll('\n', ' ').slice(0, 12)
}
