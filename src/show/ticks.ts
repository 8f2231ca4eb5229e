/** Round numbers within the two, about so many: multiples of 1, 2 or 5 times a power of ten. */
export function ticksBetween(low: number, high: number, count: number): readonly number[] {
  const step = stepOf((high - low) / count)
  const [first, last] = [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)]
  const decimals = decimalsOf(step)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => Number(((first + n) * step).toFixed(decimals)))
}

/** Decimals that tell neighbours of these apart. */
export function decimalsBetween(ticks: readonly number[]): number {
  const [first = 0, second = first + 1] = ticks
  return decimalsOf(Math.abs(second - first))
}

function stepOf(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  return power * ([1, 2, 5].find((one) => one * power >= rough * 0.999) ?? 10)
}

function decimalsOf(step: number): number {
  return Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
}
