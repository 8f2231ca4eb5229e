/** Upper bounds in seconds, ten in each decade from a millisecond to eleven days. */
export const bounds: readonly number[] = Array.from({ length: 9 }, (_, decade) => decade - 3).flatMap((exponent) =>
  [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8].map((step) => Number(`${step}e${exponent}`))
)

/** How long things took, counted by length; the longest is kept exactly. */
export class Latencies {
  /** One more than `bounds`: the last is for what took longer than all of them. */
  readonly counts: number[]
  /** Seconds. */
  sum = 0
  max = 0

  constructor(counts: readonly number[] = bounds.map(() => 0).concat(0)) {
    this.counts = [...counts]
  }

  /** Seconds; a negative time (clocks differ) counts as none. */
  add(seconds: number): void {
    const time = seconds > 0 ? seconds : 0
    this.counts[slotOf(time)]!++
    this.sum += time
    if (time > this.max) this.max = time
  }

  get count(): number {
    return this.counts.reduce((total, count) => total + count, 0)
  }

  /** Takes over what another one has counted. */
  addAll(other: Latencies): void {
    for (let slot = 0; slot < this.counts.length; slot++) this.counts[slot]! += other.counts[slot]!
    this.sum += other.sum
    this.max = Math.max(this.max, other.max)
  }

  /** Seconds that a share of them (0 to 1) did not exceed, to about a tenth. Undefined: there were none. */
  quantile(share: number): number | undefined {
    const wanted = share * this.count
    if (wanted === 0) return undefined
    let below = 0
    for (let slot = 0; slot < this.counts.length; slot++) {
      const count = this.counts[slot]!
      if (below + count >= wanted) {
        const [low, high] = [bounds[slot - 1] ?? 0, Math.min(bounds[slot] ?? this.max, this.max)]
        return Math.min(low + ((wanted - below) / count) * (high - low), this.max)
      }
      below += count
    }
    return this.max
  }
}

/** The first bound that is not exceeded. */
function slotOf(seconds: number): number {
  let [low, high] = [0, bounds.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (bounds[middle]! >= seconds) high = middle
    else low = middle + 1
  }
  return low
}
