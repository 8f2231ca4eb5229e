import { type Random, rounded } from './random.ts'

/** Something in the sky that changes, or a flaw of the detector. */
export interface Source {
  /** As ZTF names them: `ZTF`, the year, seven letters. */
  readonly objectId: string
  /** Degrees, ICRS. */
  readonly ra: number
  readonly dec: number
  readonly kind: 'supernova' | 'variable' | 'flaw'
  /** Magnitude (AB) of the difference image, some days after the first night; undefined: nothing to be seen. */
  magnitude(days: number): number | undefined
}

/** What a single exposure reaches, AB magnitude. */
const LIMIT = 20.5

/** A source whose light lies within 30 days before and shortly after the night of `days` 0. */
export function makeSource(random: Random): Source {
  const kind = random.pick(['supernova', 'supernova', 'variable', 'variable', 'flaw'] as const)
  return {
    objectId: `ZTF25${random.letters(7)}`,
    ra: rounded(random.between(0, 360), 7),
    dec: rounded(random.between(-30, 80), 7),
    kind,
    magnitude: lightCurves[kind](random)
  }
}

const lightCurves: Readonly<Record<Source['kind'], (random: Random) => Source['magnitude']>> = {
  /** Rises to its peak in two weeks, fades three times as slowly. */
  supernova(random) {
    const peak = random.between(16.5, 19.5)
    const peakDay = random.between(-12, 8)
    const width = random.between(5, 9)
    return (days) => {
      const distance = (days - peakDay) / (days < peakDay ? width : 3 * width)
      return visible(peak + distance * distance)
    }
  },
  /** Up and down between two magnitudes. */
  variable(random) {
    const mean = random.between(15.5, 19.8)
    const amplitude = random.between(0.2, 0.9)
    const period = random.between(0.6, 9)
    return (days) => {
      const phase = days / period - Math.floor(days / period)
      return visible(mean + amplitude * (4 * Math.abs(phase - 0.5) - 1))
    }
  },
  /** There tonight, never before. */
  flaw(random) {
    const magnitude = random.between(17, 20.4)
    return (days) => (days < 0 ? undefined : magnitude)
  }
}

function visible(magnitude: number): number | undefined {
  return magnitude < LIMIT ? magnitude : undefined
}
