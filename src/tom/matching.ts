/** How a TOM compares names of targets and aliases: `SN 2023ixf`, `sn2023ixf` and `SN-2023_ixf` are one. */
export function simplifiedName(name: string): string {
  return name.toLowerCase().replace(/[ \-_()]/g, '')
}

/** Degrees, ICRS. */
interface Position {
  readonly ra: number
  readonly dec: number
}

/** The angle between two places in the sky, in arcseconds; at the poles and across 0h too. */
export function separation(one: Position, other: Position): number {
  const radians = Math.PI / 180
  const half = (a: number, b: number) => Math.sin(((a - b) * radians) / 2) ** 2
  const haversine =
    half(one.dec, other.dec) + Math.cos(one.dec * radians) * Math.cos(other.dec * radians) * half(one.ra, other.ra)
  return ((2 * Math.asin(Math.min(1, Math.sqrt(haversine)))) / radians) * 3600
}
