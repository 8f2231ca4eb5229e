import { type Parameter, parameter } from './parameters.ts'

/** A circle on the sky, ICRS. */
export interface Cone {
  /** Degrees, 0 to 360. */
  readonly ra: number
  /** Degrees, -90 to 90. */
  readonly dec: number
  /** Arcseconds. */
  readonly radius: number
}

const RADIAN = Math.PI / 180

/**
 * The condition that a position lies in a cone, by the haversine formula: exact for arcseconds too, around 0 = 360
 * degrees and at the poles. `ra` and `dec` are columns in degrees, as they stand in SQL.
 */
export function coneCondition(cone: Cone, ra: string, dec: string): { sql: string; parameters: readonly Parameter[] } {
  const radius = cone.radius / 3600
  // A box in declination first, with room for the last digit: it is cheaper than the sines.
  const margin = radius + 1e-9
  const values = {
    dec_low: cone.dec - margin,
    dec_high: cone.dec + margin,
    ra: cone.ra * RADIAN,
    dec: cone.dec * RADIAN,
    cos_dec: Math.cos(cone.dec * RADIAN),
    haversine: Math.sin((Math.min(radius, 180) * RADIAN) / 2) ** 2
  }
  const sql = [
    `${dec} BETWEEN @dec_low AND @dec_high`,
    `POW(SIN((${dec} * ${RADIAN} - @dec) / 2), 2)` +
      ` + @cos_dec * COS(${dec} * ${RADIAN}) * POW(SIN((${ra} * ${RADIAN} - @ra) / 2), 2) <= @haversine`
  ]
  return {
    sql: sql.join(' AND '),
    parameters: Object.entries(values).map(([name, value]) => parameter(name, 'FLOAT64', String(value)))
  }
}
