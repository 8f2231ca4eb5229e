/** Parts of the pixels that may be all black, or all white: some bad ones must not set the scale. */
const CLIPPED = 0.001
/** Differences of so many sigma of the noise are shown as they are; larger ones by their logarithm. */
const SOFT = 3

/**
 * Grey from 0 (black) to 1 (white) for each value; NaN stays. An inverse hyperbolic sine about the sky, the median, so that
 * the noise, a faint source and the core of a bright one can be seen together, and a negative source is as dark as a
 * positive one is bright.
 */
export function stretched(values: Float64Array): Float64Array {
  const sorted = values.filter(Number.isFinite).sort()
  if (sorted.length === 0) return values.map(() => Number.NaN)
  const sky = quantile(sorted, 0.5)
  const noise = 1.4826 * quantile(sorted.map((value) => Math.abs(value - sky)).sort(), 0.5)
  const span = sorted.at(-1)! - sorted[0]!
  const soft = SOFT * noise || span / 100 || 1
  const bend = (value: number) => Math.asinh((value - sky) / soft)
  const [low, high] = [bend(quantile(sorted, CLIPPED)), bend(quantile(sorted, 1 - CLIPPED))]
  if (high <= low) return values.map((value) => (Number.isFinite(value) ? 0.5 : Number.NaN))
  return values.map((value) => {
    if (Number.isNaN(value)) return Number.NaN
    return Math.min(1, Math.max(0, (bend(value) - low) / (high - low)))
  })
}

function quantile(sorted: Float64Array, part: number): number {
  return sorted[Math.round(part * (sorted.length - 1))]!
}
