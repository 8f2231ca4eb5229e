import type { Random } from '../../src/generate/random.ts'

/** Julian date, UTC: doubles near it are 40 microseconds apart. */
const NIGHT = 2_460_736.6666667
const HALF_AN_HOUR = 30 / 1440

type Values = readonly unknown[]

/** The double after it, or before. */
function beside(value: number, steps: 1 | -1): number {
  if (value === 0) return steps * Number.MIN_VALUE
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  view.setBigInt64(0, view.getBigInt64(0) + BigInt(value > 0 ? steps : -steps))
  return view.getFloat64(0)
}

/** At a threshold and on both sides, by one step of a double and of a 32-bit float, and whatever stands for no value. */
function around(threshold: number): Values {
  const float = Math.max(threshold, 1) * 2 ** -23
  return [
    ...[threshold, beside(threshold, 1), beside(threshold, -1), threshold + float, threshold - float],
    ...[-999, -99999, 0, -0, null, undefined, Number.NaN]
  ]
}

const DISTANCES = [...around(1.5), 0.2, 29]
const SCORES = [...around(0.5), 1]
const ASTEROIDS = [...around(5), ...around(0), 12]
const SIGNS = ['t', 'f', '1', '0', 'T', '', 1, 0, true, null, undefined]
const GAPS = [
  ...[HALF_AN_HOUR, beside(HALF_AN_HOUR, 1), beside(HALF_AN_HOUR, -1), 0.0208333, 0.0208334, 1 / 48],
  ...[0, 0.5, 1, 2, 3.0001, 1 / 86_400, 29.999 / 1440, 30.001 / 1440, 15 / 1440]
]

/**
 * Alerts at the edges of the extragalactic filter's cuts, the same for the same seed. Each cut is at its edge in half of
 * them and well within it in the others, so that every one of them decides often.
 */
export function edgeAlert(random: Random, number: number): Record<string, unknown> {
  const often = <T>(usual: T, edges: readonly T[]): T => (random.next() < 0.5 ? usual : random.pick(edges))
  const rows = history(random)
  const jd = random.next() < 0.1 ? NIGHT - random.next() : step(random, rows.at(-1)?.jd ?? NIGHT)
  return {
    objectId: `ZTF25${String(number).padStart(7, 'a')}`,
    candid: 2_982_177_112_815_000_000n + BigInt(number),
    candidate: {
      jd,
      isdiffpos: often<unknown>('t', SIGNS),
      distpsnr1: often<unknown>(7, DISTANCES),
      sgscore1: often<unknown>(0.1, SCORES),
      ssdistnr: often<unknown>(-999, ASTEROIDS)
    },
    prv_candidates: random.next() < 0.08 ? random.pick([null, undefined]) : disordered(random, rows),
    cutoutScience: { fileName: 'science.fits.gz', stampData: 'AAEC' }
  }
}

function history(random: Random): { jd: number; isdiffpos: unknown }[] {
  const rows: { jd: number; isdiffpos: unknown }[] = []
  // From 0 a gap can be half an hour to the last digit; today it is up to 20 microseconds off.
  const start = random.next() < 0.1 ? 0 : NIGHT - 3
  for (let left = random.integer(0, 5); left > 0; left--) {
    const isdiffpos = random.next() < 0.7 ? 't' : random.pick(SIGNS)
    rows.push({ jd: rows.length === 0 ? start : step(random, rows.at(-1)!.jd), isdiffpos })
  }
  return rows
}

/** The next look: half of the gaps are about half an hour, and a few are one double off it. */
function step(random: Random, jd: number): number {
  const next = jd + (random.next() < 0.5 ? random.pick(GAPS.slice(0, 6)) : random.pick(GAPS))
  return random.next() < 0.3 ? beside(next, random.pick([1, -1])) : next
}

function disordered<T>(random: Random, rows: T[]): T[] {
  if (random.next() < 0.7) return rows
  return rows
    .map((row) => [random.next(), row] as const)
    .toSorted(([one], [other]) => one - other)
    .map(([, row]) => row)
}
