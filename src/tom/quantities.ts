const DAY_MS = 86_400_000
/** Seconds that TAI is ahead of UTC, since 2017. */
const TAI_UTC = 37

/** What lies outside of these years, UTC, is no time of an alert but a code for none. */
const [EARLIEST, LATEST] = [Date.UTC(1900, 0), Date.UTC(2200, 0)]

/** UTC of milliseconds since 1970. */
export function dateOfMs(ms: number | null): Date | null {
  return ms !== null && ms > EARLIEST && ms < LATEST ? new Date(Math.round(ms)) : null
}

/** UTC of a Julian date in UTC, to the millisecond. */
export function dateOfJd(jd: number | null): Date | null {
  return jd === null ? null : dateOfMs((jd - 2_440_587.5) * DAY_MS)
}

/** UTC of a modified Julian date in UTC. */
export function dateOfMjd(mjd: number | null): Date | null {
  return mjd === null ? null : dateOfMs((mjd - 40_587) * DAY_MS)
}

/** UTC of a modified Julian date in TAI. */
export function dateOfMjdTai(mjd: number | null): Date | null {
  return mjd === null ? null : dateOfMs((mjd - 40_587) * DAY_MS - TAI_UTC * 1000)
}

/** UTC of ISO 8601; without an offset it is UTC. Null for anything else. */
export function dateOfIso(value: unknown): Date | null {
  if (
    typeof value !== 'string' ||
    !/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/.test(value.trim())
  ) {
    return value instanceof Date && !Number.isNaN(value.getTime()) ? value : null
  }
  const text = value
    .trim()
    .replace(/\s*(UTC|Z)$/, 'Z')
    .replace(' ', 'T')
  const isComplete = /(Z|T.*[+-]\d\d:?\d\d)$/.test(text) || !text.includes('T')
  const date = new Date(isComplete ? text : `${text}Z`)
  return Number.isNaN(date.getTime()) ? null : date
}

/** AB magnitude of a flux in nJy; null where there is none: for zero and below. */
export function magnitudeOf(flux: number | null): number | null {
  return flux !== null && flux > 0 ? rounded(31.4 - 2.5 * Math.log10(flux), 6) : null
}

/** 1 sigma of the AB magnitude of a positive flux; both in the same unit. */
export function magnitudeErrorOf(flux: number | null, fluxError: number | null): number | null {
  if (flux === null || flux <= 0 || fluxError === null) return null
  return rounded((2.5 / Math.LN10) * (fluxError / flux), 6)
}

/** Values that are stored and compared need the same digits each time: a float32 printed as a double does not. */
export function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals))
}

/** Magnitudes and their errors. */
export const magnitude = (value: number | null) => (value === null ? null : rounded(value, 6))

/** Degrees, both or none. */
export function positionOf(ra: number | null, dec: number | null): { ra: number; dec: number } | null {
  if (ra === null || dec === null || ra < 0 || ra > 360 || Math.abs(dec) > 90) return null
  return { ra: rounded(ra, 7), dec: rounded(dec, 7) }
}
