import type { Point } from './points.ts'

/** What the axes of a light curve show. */
export interface Range {
  readonly mjd: readonly [first: number, last: number]
  readonly magnitude: readonly [bright: number, faint: number]
  /** Where days are counted from: the alert's own point, else the last. */
  readonly origin: number
  readonly hasAlert: boolean
}

/** Of an error bar no more than this widens the axis, in magnitudes. */
const MOST_ERROR = 0.5

/** With some room around the points; undefined where none has a magnitude. */
export function rangeOf(curve: readonly Point[]): Range | undefined {
  const there = curve.filter(({ magnitude, limit }) => magnitude !== null || limit !== null)
  if (there.length === 0) return undefined
  const ends = there.flatMap(({ magnitude, limit, error }) => {
    const centre = magnitude ?? limit!
    const bar = magnitude === null ? 0 : Math.min(MOST_ERROR, error ?? 0)
    return [centre - bar, centre + bar]
  })
  const alert = there.find(({ alert }) => alert)
  const times = there.map(({ mjd }) => mjd)
  return {
    mjd: widened(times, 0.04, 0.5),
    magnitude: widened(ends, 0.08, 0.15),
    origin: alert?.mjd ?? Math.max(...times),
    hasAlert: alert !== undefined
  }
}

/** By a part of the range on either side, at least by `least`. */
function widened(values: readonly number[], part: number, least: number): readonly [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const room = Math.max(least * (high - low < 2 * least ? 1 : 0), part * (high - low))
  return [low - room, high + room]
}
