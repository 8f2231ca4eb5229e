/** Degrees, ICRS. */
export interface Position {
  readonly ra: number
  readonly dec: number
}

/** `06:31:33.365 -02:47:54.05`: hours, and degrees. */
export function sexagesimal({ ra, dec }: Position): string {
  const sign = dec < 0 ? '-' : '+'
  return `${parts(((ra / 15) % 24) + (ra < 0 ? 24 : 0), 3, 24)} ${sign}${parts(Math.abs(dec), 2, 91)}`
}

/** Rounded once and in the smallest unit, so that no 60 comes out. */
function parts(value: number, decimals: number, turn: number): string {
  const scale = 10 ** decimals
  const smallest = Math.round(value * 3600 * scale) % (turn * 3600 * scale)
  const [whole, minutes] = [Math.floor(smallest / (3600 * scale)), Math.floor(smallest / (60 * scale)) % 60]
  const seconds = ((smallest % (60 * scale)) / scale).toFixed(decimals).padStart(3 + decimals, '0')
  return `${two(whole)}:${two(minutes)}:${seconds}`
}

const two = (value: number) => String(value).padStart(2, '0')

const RADIANS = Math.PI / 180
/** The galactic north pole in ICRS, and the galactic longitude of the celestial one; degrees (Hipparcos, ESA SP-1200). */
const POLE = { ra: 192.85948, dec: 27.12825 }
const CELESTIAL_POLE = 122.93192

/** Galactic longitude and latitude, degrees. */
export function galactic({ ra, dec }: Position): { readonly l: number; readonly b: number } {
  const [alpha, delta, pole] = [(ra - POLE.ra) * RADIANS, dec * RADIANS, POLE.dec * RADIANS]
  const sine = Math.sin(delta) * Math.sin(pole) + Math.cos(delta) * Math.cos(pole) * Math.cos(alpha)
  const y = Math.cos(delta) * Math.sin(alpha)
  const x = Math.sin(delta) * Math.cos(pole) - Math.cos(delta) * Math.sin(pole) * Math.cos(alpha)
  const l = CELESTIAL_POLE - Math.atan2(y, x) / RADIANS
  return { l: ((l % 360) + 360) % 360, b: Math.asin(Math.min(1, Math.max(-1, sine))) / RADIANS }
}
