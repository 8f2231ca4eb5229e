import { expect, test } from 'vitest'
import { coneCondition } from '../../src/bigquery/cone.ts'

/** The condition as BigQuery evaluates it: the SQL of a cone is arithmetic that JavaScript has too. */
function isInside(ra: number, dec: number, cone: { ra: number; dec: number; radius: number }): boolean {
  const { sql, parameters } = coneCondition(cone, 'RA', 'DEC')
  const [, low, high, formula] = /^DEC BETWEEN (\S+) AND (\S+) AND (.*)$/.exec(sql)!
  const values = new Map(
    parameters.map(({ name, parameterType, parameterValue }) => {
      expect(parameterType.type).toBe('FLOAT64')
      return [`@${name}`, (parameterValue as { value: string }).value]
    })
  )
  const script = formula!
    .replace(/@\w+/g, (name) => `(${values.get(name)})`)
    .replace(/\b(SIN|COS|POW)\b/g, (name) => `Math.${name.toLowerCase()}`)
    .replaceAll('RA', `(${ra})`)
    .replaceAll('DEC', `(${dec})`)
  const inBox = dec >= Number(values.get(low!)) && dec <= Number(values.get(high!))
  return inBox && (new Function(`return ${script}`)() as boolean)
}

const RADIAN = Math.PI / 180
const vector = (ra: number, dec: number) => {
  const [r, d] = [ra * RADIAN, dec * RADIAN]
  return [Math.cos(d) * Math.cos(r), Math.cos(d) * Math.sin(r), Math.sin(d)] as const
}

/** Arcseconds, from the chord between two unit vectors. */
function separation(one: readonly [number, number], other: readonly [number, number]): number {
  const [a, b] = [vector(...one), vector(...other)]
  const chord = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])
  return (2 * Math.asin(chord / 2) * 3600) / RADIAN
}

let state = 20260225
const random = () => {
  state = (state * 1103515245 + 12345) % 2 ** 31
  return state / 2 ** 31
}

test.each([
  ['the usual place', 97.889, -2.798, 5],
  ['0 = 360 degrees', 0.0003, 12, 10],
  ['360 = 0 degrees', 359.9999, -40, 10],
  ['the north pole', 120, 89.9995, 30],
  ['the south pole itself', 0, -90, 60],
  ['degrees', 200, 30, 3 * 3600],
  ['half the sky', 10, 10, 90 * 3600]
])('a cone at %s takes what lies in it', (_place, ra, dec, radius) => {
  const cone = { ra, dec, radius }
  let inside = 0
  for (let n = 0; n < 4000; n++) {
    // Around the centre, out to twice the radius, over the pole and over 0 = 360.
    const reach = (2 * radius) / 3600
    let d = dec + (random() * 2 - 1) * reach
    let r = ra + ((random() * 2 - 1) * reach) / Math.max(Math.cos(dec * RADIAN), 0.01)
    if (d > 90 || d < -90) {
      d = Math.sign(d) * 180 - d
      r += 180
    }
    d = Math.min(90, Math.max(-90, d))
    r = ((r % 360) + 360) % 360
    const distance = separation([r, d], [ra, dec])
    if (Math.abs(distance - radius) < 1e-6 * radius) continue
    expect(isInside(r, d, cone), `${r} ${d}: ${distance}`).toBe(distance < radius)
    if (distance < radius) inside++
  }
  expect(inside).toBeGreaterThan(300)
})
