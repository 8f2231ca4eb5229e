import type { Handler } from '../../src/index.ts'

/** jd: Julian date, UTC; magpsf: AB magnitude; fid: filter. */
interface Point {
  readonly jd: number
  readonly fid: number
  readonly magpsf: number | null
}

interface Ztf {
  readonly candid: number | bigint
  readonly candidate: Point
  readonly prv_candidates: readonly Point[] | null
}

/** The slope of a light curve, magnitudes (AB) a day: as slope.py. */
export const slope: Handler<Ztf> = (alert) => {
  const { candid, candidate, prv_candidates } = alert.payload()
  const points = [candidate, ...(prv_candidates ?? [])].flatMap(({ jd, fid, magpsf }) =>
    fid === candidate.fid && magpsf !== null ? [{ jd, magpsf }] : []
  )
  const count = points.length
  const sum = (term: (point: (typeof points)[number]) => number) =>
    points.reduce((total, point) => total + term(point), 0)
  const meanJd = sum(({ jd }) => jd) / count
  const meanMag = sum(({ magpsf }) => magpsf) / count
  const spread = sum(({ jd }) => (jd - meanJd) * (jd - meanJd))
  const steepness = spread > 0 ? sum(({ jd, magpsf }) => (jd - meanJd) * (magpsf - meanMag)) / spread : 0
  return { value: { candid, points: count, slope: steepness } }
}
